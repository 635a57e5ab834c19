package clock

import (
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// timerfd is one timer of the kernel, timerfd_create(2), and for the same instant one of Go's. The
// network poller, which notices the former, is asked when there is nothing else to do; the latter is
// looked at whenever a goroutine pauses. A process with one CPU that is at work on a scrape would
// otherwise notice an instant only once that is done.
type timerfd struct {
	file    *os.File
	raw     syscall.RawConn
	at      time.Time // when it fires
	err     error     // why it could not be set
	spec    unix.ItimerSpec
	waited  bool
	arming  func(fd uintptr)
	waiting func(fd uintptr) bool
}

func (t *timerfd) open() error {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return err
	}
	t.file = os.NewFile(uintptr(fd), "timerfd")
	t.arming, t.waiting = t.arm, t.fired
	t.raw, err = t.file.SyscallConn()
	return err
}

// set makes it fire at an instant. An earlier firing is forgotten, and so is an interrupt.
func (t *timerfd) set(at time.Time) {
	t.at = at
	if err := t.raw.Control(t.arming); err != nil {
		t.err = err
	}
	if err := t.file.SetReadDeadline(at); err != nil {
		t.err = err
	}
}

func (t *timerfd) arm(fd uintptr) {
	t.spec.Value = unix.NsecToTimespec(max(int64(time.Until(t.at)), 1))
	t.err = unix.TimerfdSettime(int(fd), 0, &t.spec, nil)
}

// wait waits until it fires. It is never read: setting the timer anew clears it, which saves a
// system call.
func (t *timerfd) wait() {
	t.waited = false
	err := t.raw.Read(t.waiting)
	if t.err != nil || err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		time.Sleep(time.Until(t.at)) // a kernel that takes no timer leaves Go's
	}
}

// fired is asked by the poller's read, which has forgotten earlier firings by then, and again when
// the timer fires.
func (t *timerfd) fired(uintptr) bool {
	if t.waited || t.err != nil {
		return true
	}
	t.waited = true
	return time.Until(t.at) <= 0
}

// interrupt ends the wait under way: a deadline that has passed ends every read. That it cannot be
// set would mean a closed file, which no goroutine waits on.
func (t *timerfd) interrupt() { t.file.SetReadDeadline(time.Unix(1, 0)) } //nolint:errcheck

func (t *timerfd) close() error {
	if t.file == nil {
		return nil
	}
	return t.file.Close()
}
