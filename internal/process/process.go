// Package process runs the target: a child process that is started, watched and ended in order.
//
// In goes a command; out come its end, its CPU clock and its memory. Package run starts one for a scenario, package overhead one for each arm.
package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// ErrStranger is the error of a place where neither a process that we started nor one that it started listens.
var ErrStranger = errors.New("listens")

// Command says what to start. Path is looked up as a shell would; Env is added to the environment of brrtload itself.
type Command struct {
	Path string
	Args []string
	Env  []string
	Dir  string
	Log  string // file that receives standard output and error; created, or appended to
	CPUs []int  // that it may run on; all that brrtload may run on when empty

	// Output receives standard output and error in place of Log, when it is set. The caller closes it.
	Output *os.File
	// Said gives the last that the process wrote, for an error message, when Output is set.
	Said func() []byte
}

// String gives the command as a person would type it.
func (c Command) String() string { return strings.Join(append([]string{c.Path}, c.Args...), " ") }

// Process is a started child. It leads a process group of its own, so that a Ctrl-C meant for brrtload does not reach it
// before the load has been drained, and the kernel ends it should brrtload itself be killed. Methods are safe for concurrent use.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // valid once done is closed
}

// Start starts the command. The error says what could not be started.
func Start(c Command) (*Process, error) {
	log, kept := c.Output, c.Output != nil
	if !kept {
		var err error
		if log, err = os.OpenFile(c.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
			return nil, fmt.Errorf("target log: %w", err)
		}
	}
	cmd := exec.Command(c.Path, c.Args...)
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.Dir, log, log
	cmd.SysProcAttr = attributes()
	p := &Process{cmd: cmd, done: make(chan struct{})}

	// The parent-death signal belongs to the thread that forked; a locked goroutine keeps that thread until the child has ended.
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if !kept {
			defer log.Close()
		}
		if err := pinned(c.CPUs, cmd.Start); err != nil {
			started <- err
			return
		}
		started <- nil
		p.err = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start target %s: %w", c.Path, err)
	}
	return p, nil
}

// PID gives the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Ended says in words how the process ended, and false while it runs.
func (p *Process) Ended() (string, bool) {
	select {
	case <-p.done:
	default:
		return "", false
	}
	var exit *exec.ExitError
	switch {
	case p.err == nil:
		return "ended by itself with status 0", true
	case errors.As(p.err, &exit):
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return fmt.Sprintf("was killed by signal %d (%s)", status.Signal(), status.Signal()), true
		}
		return fmt.Sprintf("ended with status %d", exit.ExitCode()), true
	default:
		return p.err.Error(), true
	}
}

// Hangup sends SIGHUP, by which many services are told to read their configuration again.
func (p *Process) Hangup() error { return p.cmd.Process.Signal(syscall.SIGHUP) }

// Stop asks the process to end, and after the grace kills its whole group. It returns when the process is gone; the error says that it had
// to be killed. Stopping a process that has ended does nothing but end what is left of its group.
func (p *Process) Stop(grace time.Duration) error {
	defer syscall.Kill(-p.PID(), syscall.SIGKILL) // what it left behind; gone is fine
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		<-p.done
		return nil
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(grace):
		if err := p.Kill(); err != nil {
			return err
		}
		<-p.done
		return fmt.Errorf("target did not end within %s of SIGTERM and was killed", grace)
	}
}

// Kill ends the process and its group at once, without waiting. One that has ended is no error.
func (p *Process) Kill() error {
	if err := syscall.Kill(-p.PID(), syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill target: %w", err)
	}
	return nil
}
