package load

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// timerfd is an alarm by a kernel timer that the runtime's network poller waits on. The runtime rounds its own timers up
// to a millisecond when it is idle (golang/go#44343); this one is exact to some ten microseconds, and blocks no thread.
type timerfd struct {
	file *os.File
	raw  syscall.RawConn
	spec unix.ItimerSpec
	set  bool
	err  error
	poll func(fd uintptr) bool
}

func newAlarm() (alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make a timer: %w", err)
	}
	a := &timerfd{file: os.NewFile(uintptr(fd), "timerfd")}
	if a.raw, err = a.file.SyscallConn(); err != nil {
		return nil, errors.Join(fmt.Errorf("make a timer: %w", err), a.file.Close())
	}
	a.poll = a.setOnce
	return a, nil
}

// wait sets the timer inside the poller's read, after it has forgotten earlier rings, so that no ring is missed or met
// twice. The ring itself is never read: setting the timer anew clears it, which saves a system call.
func (a *timerfd) wait(d time.Duration) {
	a.spec.Value = unix.NsecToTimespec(int64(max(d, 1)))
	a.set = false
	err := a.raw.Read(a.poll)
	if a.err != nil || err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		time.Sleep(d) // a kernel that takes no timer leaves Go's
	}
}

func (a *timerfd) setOnce(fd uintptr) bool {
	if a.set {
		return true
	}
	a.set = true
	a.err = unix.TimerfdSettime(int(fd), 0, &a.spec, nil)
	return a.err != nil
}

// silence ends the wait under way: a deadline that has passed ends every read. That it cannot be set would mean a closed
// file, which no one waits on.
func (a *timerfd) silence() { a.file.SetReadDeadline(time.Unix(1, 0)) } //nolint:errcheck

func (a *timerfd) close() error { return a.file.Close() }
