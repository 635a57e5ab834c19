package process

import (
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// supervisorName is the name under which this program starts itself to supervise a target. It is no
// command of the user's.
const supervisorName = "brrtload-supervisor"

// How long what a target left behind has: to end by itself, once it was asked, and once it was
// killed.
const (
	settleTime = 300 * time.Millisecond
	askedTime  = 2 * time.Second
	killedTime = 2 * time.Second
)

// A supervisor needs nothing of this program but this package, and does not wait until the others
// are initialised.
func init() {
	if len(os.Args) == 1 && os.Args[0] == supervisorName {
		os.Exit(supervisor())
	}
}

// supervisor starts a target, reaps what becomes its child, and ends all of it: what is left once
// brrtload says that the target has ended, or everything once brrtload is gone. It runs on the main
// thread, with which the target would die.
func supervisor() int {
	const ordersFile, reportsFile = 3, 4
	syscall.CloseOnExec(ordersFile)
	syscall.CloseOnExec(reportsFile)
	receive := gob.NewDecoder(os.NewFile(ordersFile, "orders"))
	send := gob.NewEncoder(os.NewFile(reportsFile, "reports"))
	outlive()
	var what order
	if err := receive.Decode(&what); err != nil {
		return 1
	}
	pid, err := syscall.ForkExec(what.Path, what.Args, &syscall.ProcAttr{
		Dir: what.Dir, Env: what.Env, Files: []uintptr{0, 1, 2},
		Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		errno := syscall.EINVAL
		errors.As(err, &errno)
		_ = send.Encode(report{Errno: errno}) // brrtload may be gone, here and below
		return 1
	}
	_ = send.Encode(report{PID: pid})
	gone := make(chan struct{})
	go func() {
		reap(pid, func(status syscall.WaitStatus) { _ = send.Encode(report{Ended: true, Status: status}) })
		close(gone)
	}()
	var last report
	if receive.Decode(&what) == nil {
		last.Swept = ask(gone)
	}
	last.Left = kill(gone)
	if len(last.Left) > 0 {
		last.Swept = nil
	}
	_ = send.Encode(last)
	return 0
}

// outlive makes this process one that orphans come to, and that outlives what ends brrtload.
// Signals are caught, not ignored: the target would inherit that.
func outlive() {
	_ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) // since Linux 3.4
	caught := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		caught = append(caught, syscall.SIGHUP)
	}
	signal.Notify(make(chan os.Signal, 1), caught...)
}

// reap waits for children until there is none, and says how the target ended.
func reap(target int, ended func(syscall.WaitStatus)) {
	for {
		var status syscall.WaitStatus
		switch pid, err := syscall.Wait4(-1, &status, 0, nil); {
		case errors.Is(err, syscall.EINTR):
		case err != nil: // ECHILD: where no child is, none can come to us
			return
		case pid == target:
			ended(status)
		}
	}
}

// ask returns what is left time to end by itself, and then asks it to. It returns what had to be
// asked.
func ask(gone <-chan struct{}) (asked []string) {
	if within(gone, settleTime) {
		return nil
	}
	for _, pid := range below() {
		asked = append(asked, fmt.Sprintf("process %d (%s)", pid, Name(pid)))
		_ = syscall.Kill(pid, syscall.SIGTERM)
	}
	within(gone, askedTime)
	return asked
}

// kill ends all that is left, and returns what cannot be ended, such as a process of another user.
func kill(gone <-chan struct{}) (left []string) {
	for end := time.Now().Add(killedTime); time.Now().Before(end); {
		for _, pid := range below() {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		if within(gone, 10*time.Millisecond) {
			return nil
		}
	}
	for _, pid := range below() {
		left = append(left, fmt.Sprintf("process %d (%s)", pid, Name(pid)))
	}
	return left
}

// below lists the processes that this one started, and they, and so on.
func below() []int { return family(os.Getpid())[1:] }

func within(gone <-chan struct{}, limit time.Duration) bool {
	select {
	case <-gone:
		return true
	case <-time.After(limit):
		return false
	}
}
