package load

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// foresight is how many hits a timer is set for at a time. To set the one that rings next costs several microseconds on a virtual machine, which
// has to ask its host; to set others that ring later costs nearly nothing.
const foresight = 16

// timers is an alarm by kernel timers that the runtime's network poller waits on. The runtime rounds its own timers up to a millisecond when it
// is idle (golang/go#44343); these are exact to some ten microseconds, and block no thread.
type timers struct {
	all   [foresight]timer
	count int // how many are set, and not yet waited for; they are the last ones
}

func newAlarm() (alarm, error) {
	a := &timers{}
	for i := range a.all {
		if err := a.all[i].open(); err != nil {
			return nil, errors.Join(fmt.Errorf("make a timer: %w", err), a.close())
		}
	}
	return a, nil
}

func (a *timers) wait(t time.Time, then instants) {
	for a.count > 0 && a.all[foresight-a.count].at.Before(t) { // its instant passed while nobody waited
		a.count--
	}
	if a.count == 0 || !a.all[foresight-a.count].at.Equal(t) {
		a.set(t, then)
	}
	mine := &a.all[foresight-a.count]
	a.count--
	mine.wait()
}

// set sets the timers anew: the last one for the last instant that it sees.
func (a *timers) set(t time.Time, then instants) {
	at, n := [foresight]time.Time{t}, 1
	for ; n < foresight; n++ {
		t, more := then(n - 1)
		if !more {
			break
		}
		at[n] = t
	}
	a.count = n
	for i, t := range at[:n] {
		a.all[foresight-n+i].set(t)
	}
}

func (a *timers) silence() {
	for i := range a.all {
		a.all[i].silence()
	}
}

func (a *timers) close() (err error) {
	for i := range a.all {
		err = errors.Join(err, a.all[i].close())
	}
	return err
}

// timer is one kernel timer.
type timer struct {
	file    *os.File
	raw     syscall.RawConn
	at      time.Time // when it rings
	err     error     // why it could not be set
	spec    unix.ItimerSpec
	waited  bool
	setting func(fd uintptr)
	waiting func(fd uintptr) bool
}

func (t *timer) open() error {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return err
	}
	t.file = os.NewFile(uintptr(fd), "timerfd")
	t.setting, t.waiting = t.arm, t.rung
	t.raw, err = t.file.SyscallConn()
	return err
}

// set makes it ring at an instant. An earlier ring is forgotten.
func (t *timer) set(at time.Time) {
	t.at = at
	if err := t.raw.Control(t.setting); err != nil {
		t.err = err
	}
}

func (t *timer) arm(fd uintptr) {
	t.spec.Value = unix.NsecToTimespec(max(int64(time.Until(t.at)), 1))
	t.err = unix.TimerfdSettime(int(fd), 0, &t.spec, nil)
}

// wait waits for the ring. It is never read: setting the timer anew clears it, which saves a system call.
func (t *timer) wait() {
	t.waited = false
	err := t.raw.Read(t.waiting)
	if t.err != nil || err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		time.Sleep(time.Until(t.at)) // a kernel that takes no timer leaves Go's
	}
}

// rung is asked by the poller's read, which has forgotten earlier rings by then, and again when the timer rings.
func (t *timer) rung(uintptr) bool {
	if t.waited || t.err != nil {
		return true
	}
	t.waited = true
	return time.Until(t.at) <= 0
}

// silence ends the wait under way: a deadline that has passed ends every read. That it cannot be set would mean a closed
// file, which no one waits on.
func (t *timer) silence() { t.file.SetReadDeadline(time.Unix(1, 0)) } //nolint:errcheck

func (t *timer) close() error {
	if t.file == nil {
		return nil
	}
	return t.file.Close()
}
