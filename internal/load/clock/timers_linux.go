package clock

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// lookAhead is how many instants the timers are set for at a time. To set the timer that fires next
// costs several microseconds on a virtual machine, which has to ask its host; to set others that
// fire later costs nearly nothing.
const lookAhead = 16

// kernelTimers are timers of the kernel that the runtime's network poller waits on. The runtime
// rounds its own timers up to a millisecond when it is idle (golang/go#44343); these are exact to
// some ten microseconds, and block no thread.
type kernelTimers struct {
	all         [lookAhead]timerfd
	count       int // how many are set and not yet waited for; they are the last ones
	interrupted atomic.Bool
}

func newTimer() (timer, error) {
	k := &kernelTimers{}
	for i := range k.all {
		if err := k.all[i].open(); err != nil {
			return nil, errors.Join(fmt.Errorf("make a timer: %w", err), k.close())
		}
	}
	return k, nil
}

func (k *kernelTimers) wait(t time.Time, then Upcoming) {
	for k.count > 0 && k.next().at.Before(t) { // its instant passed without a wait
		k.count--
	}
	if k.count == 0 || !k.next().at.Equal(t) {
		k.set(t, then)
	}
	first := k.next()
	k.count--
	first.wait()
}

// next returns the timer that fires first of those that are set.
func (k *kernelTimers) next() *timerfd { return &k.all[lookAhead-k.count] }

// set sets the timers anew, each for one instant, in their order; the last timer has the last
// instant.
func (k *kernelTimers) set(t time.Time, then Upcoming) {
	at, n := [lookAhead]time.Time{t}, 1
	for ; n < lookAhead; n++ {
		t, more := then(n - 1)
		if !more {
			break
		}
		at[n] = t
	}
	k.count = n
	for i, t := range at[:n] {
		k.all[lookAhead-n+i].set(t)
	}
	if k.interrupted.Load() { // meanwhile
		k.interrupt()
	}
}

func (k *kernelTimers) interrupt() {
	k.interrupted.Store(true)
	for i := range k.all {
		k.all[i].interrupt()
	}
}

func (k *kernelTimers) close() (err error) {
	for i := range k.all {
		err = errors.Join(err, k.all[i].close())
	}
	return err
}
