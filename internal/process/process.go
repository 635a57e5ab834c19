// Package process runs the target: a child process that is started, watched and ended in order.
//
// In goes a command; out come its end, its CPU clock and its memory. Package run starts one for a
// scenario, package overhead one for each arm.
package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// ErrStranger is the error of a place where neither a process that we started nor one that it
// started listens.
var ErrStranger = errors.New("listens")

// Command says what to start. Path is looked up as a shell would; Env is added to the environment
// of brrtload itself.
type Command struct {
	Path string
	Args []string
	Env  []string
	Dir  string
	Log  string // file that receives standard output and error; created, or appended to
	CPUs []int  // that it may run on; all that brrtload may run on when empty

	// Output receives standard output and error in place of Log, when it is set. The caller closes
	// it.
	Output *os.File
	// Said gives the last that the process wrote, for an error message, when Output is set.
	Said func() []byte
}

// String returns the command as a person would type it.
func (c Command) String() string { return strings.Join(append([]string{c.Path}, c.Args...), " ") }

// Process is a started child. It leads a process group of its own, so that a Ctrl-C meant for
// brrtload does not reach it before the load has been drained, and it dies with brrtload, with all
// that it started. Methods are safe for concurrent use.
type Process struct {
	pid    int
	done   chan struct{}
	status syscall.WaitStatus     // valid once done is closed
	lost   error                  // why there is no status
	leave  func() (string, error) // ends what the process left behind, once
}

// Start starts the command. The error says what could not be started.
func Start(c Command) (*Process, error) {
	log := c.Output
	if log == nil {
		var err error
		if log, err = os.OpenFile(c.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
			return nil, fmt.Errorf("target log: %w", err)
		}
		defer log.Close() //nolint:errcheck // the child has its own
	}
	cmd := exec.Command(c.Path, c.Args...)
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.Dir, log, log
	p, err := supervise(cmd, c.CPUs)
	if err != nil {
		return nil, fmt.Errorf("start target %s: %w", c.Path, err)
	}
	return p, nil
}

// PID returns the process id.
func (p *Process) PID() int { return p.pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Ended reports in words how the process ended, and false while it runs.
func (p *Process) Ended() (string, bool) {
	select {
	case <-p.done:
	default:
		return "", false
	}
	switch {
	case p.lost != nil:
		return p.lost.Error(), true
	case p.status.Signaled():
		return fmt.Sprintf("was killed by signal %d (%s)", p.status.Signal(), p.status.Signal()), true
	case p.status.ExitStatus() == 0:
		return "ended by itself with status 0", true
	}
	return fmt.Sprintf("ended with status %d", p.status.ExitStatus()), true
}

// Hangup sends SIGHUP, by which many services read their configuration again.
func (p *Process) Hangup() error { return p.signal(syscall.SIGHUP) }

// signal sends a signal to a process that has not ended.
func (p *Process) signal(s syscall.Signal) error {
	select {
	case <-p.done:
		return os.ErrProcessDone
	default:
		return syscall.Kill(p.pid, s)
	}
}

// deadTime is how long a process may take to be gone once it was killed. One that waits for a disk
// that is gone never is.
const deadTime = 5 * time.Second

// Stop asks the process to end, and after the grace kills its whole group. Then it ends what the
// process left behind, in other groups and sessions. The error says what had to be killed, or could
// not be ended. Stopping a process that has ended does nothing but end what it left behind.
func (p *Process) Stop(grace time.Duration) error {
	err := p.end(grace)
	_ = syscall.Kill(-p.pid, syscall.SIGKILL) // what is left of its group; gone is fine
	_, left := p.leave()
	return errors.Join(err, left)
}

// Swept reports in words which processes were left behind and had to be ended, after
// [Process.Stop].
func (p *Process) Swept() string {
	swept, _ := p.leave()
	return swept
}

func (p *Process) end(grace time.Duration) error {
	if err := p.signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(grace):
	}
	if err := p.Kill(); err != nil {
		return err
	}
	select {
	case <-p.done:
		return fmt.Errorf("target did not end within %s of SIGTERM and was killed", grace)
	case <-time.After(deadTime):
		return fmt.Errorf("target did not end within %s of SIGTERM, nor within %s of SIGKILL; process %d is left",
			grace, deadTime, p.pid)
	}
}

// Kill ends the process and its group at once, without waiting. One that has ended is no error.
func (p *Process) Kill() error {
	if err := syscall.Kill(-p.pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill target: %w", err)
	}
	return nil
}
