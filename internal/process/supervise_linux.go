package process

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// leaveTime bounds how long a supervisor may take to end what a target left behind. It is more than
// it takes by itself.
const leaveTime = 10 * time.Second

// order is what a supervisor is sent: first what to start, then, empty, that the target has ended.
// The end of the orders means that brrtload has ended.
type order struct {
	Path      string
	Args, Env []string
	Dir       string
}

// report is what a supervisor sends back: that the target was started, or why not; that it ended;
// what it left behind.
type report struct {
	PID         int
	Errno       syscall.Errno
	Ended       bool
	Status      syscall.WaitStatus
	Swept, Left []string // processes by id and name: that were ended, and that could not be
}

// supervisors has the supervisor of each target, by their process ids.
var supervisors sync.Map

// supervise starts a command under a supervisor of its own: this program again, which does nothing
// but wait. What the command's children leave behind becomes a child of the supervisor, wherever it
// hides, and is ended with the target. A supervisor outlives brrtload: however that dies, all that
// the target started dies with it.
func supervise(cmd *exec.Cmd, cpus []int) (*Process, error) {
	if cmd.Err != nil {
		return nil, cmd.Err
	}
	theirOrders, orders, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirOrders.Close() //nolint:errcheck // the supervisor has its own
	reports, theirReports, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, orders.Close())
	}
	defer theirReports.Close() //nolint:errcheck // the supervisor has its own
	s := &supervised{cmd: exec.Command("/proc/self/exe"), orders: orders, reports: reports, over: make(chan report, 1)}
	s.cmd.Args, s.cmd.Env = []string{supervisorName}, []string{"GOMAXPROCS=1"}
	s.cmd.Stdout, s.cmd.Stderr, s.cmd.ExtraFiles = cmd.Stdout, cmd.Stderr, []*os.File{theirOrders, theirReports}
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C is brrtload's to hear
	if err := pinned(cpus, s.cmd.Start); err != nil {
		return nil, errors.Join(err, orders.Close(), reports.Close())
	}
	theirReports.Close() //nolint:errcheck // so that the reports end with the supervisor
	s.send, s.receive = gob.NewEncoder(orders), gob.NewDecoder(reports)
	var first report
	err = s.send.Encode(order{Path: cmd.Path, Args: cmd.Args, Env: cmd.Environ(), Dir: cmd.Dir})
	if err == nil {
		err = s.receive.Decode(&first)
	}
	if err == nil && first.Errno != 0 {
		err = &fs.PathError{Op: "fork/exec", Path: cmd.Path, Err: first.Errno}
	}
	p := &Process{pid: first.PID, done: make(chan struct{})}
	if err != nil {
		orders.Close() //nolint:errcheck // there is nothing to be ended
		s.wait(p)
		return nil, err
	}
	supervisors.Store(p.pid, s.cmd.Process.Pid)
	p.leave = sync.OnceValues(s.leave)
	go s.wait(p)
	return p, nil
}

// supervised is a supervisor as brrtload sees it.
type supervised struct {
	cmd             *exec.Cmd
	orders, reports *os.File
	send            *gob.Encoder
	receive         *gob.Decoder
	over            chan report // the last; closed when the supervisor is gone
}

// wait reads the reports until the supervisor is gone.
func (s *supervised) wait(p *Process) {
	ended := false
	for {
		var r report
		if err := s.receive.Decode(&r); err != nil {
			break
		}
		if r.Ended {
			p.status, ended = r.Status, true
			close(p.done)
		} else {
			s.over <- r
		}
	}
	if !ended {
		p.lost = errors.New("was killed with its supervisor")
		close(p.done)
	}
	_ = s.cmd.Wait() // how it ended says nothing
	_ = s.reports.Close()
	close(s.over)
}

// leave has the supervisor end what the target left behind, and itself. It returns in words what
// was ended; the error names what could not be.
func (s *supervised) leave() (swept string, err error) {
	_ = s.send.Encode(order{}) // when it is gone already nothing is left to order
	_ = s.orders.Close()
	late := time.AfterFunc(leaveTime, func() { _ = s.cmd.Process.Kill() })
	defer late.Stop()
	for r := range s.over {
		if len(r.Swept) > 0 {
			swept = fmt.Sprintf("the target left %s running; brrtload ended what was left", strings.Join(r.Swept, ", "))
		}
		if len(r.Left) > 0 {
			err = fmt.Errorf("the target left %s running, which could not be ended; end it by hand",
				strings.Join(r.Left, ", "))
		}
	}
	return swept, err
}
