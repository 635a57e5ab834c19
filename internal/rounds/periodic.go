package rounds

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// lateness is by which share of the interval a periodic scrape may come later than due, at random:
// scrapes in step with something in the target would see it always in the same state.
const lateness = 0.2

// Start reads all endpoints every interval, each time a little late at random, until [Loop.Stop] or
// the end of ctx.
func (l *Loop) Start(ctx context.Context, interval time.Duration) {
	ctx, l.cut = context.WithCancel(ctx)
	stopped := make(chan struct{})
	l.stop = sync.OnceFunc(func() {
		l.stopping = time.Now()
		close(stopped)
	})
	l.running.Go(func() { l.run(ctx, stopped, interval) })
}

// finishTime is how long the scrape under way has to end by itself once no more are wanted. One
// that we cut at once would look like one that the endpoint failed to answer.
const finishTime = time.Second

// Stop ends the periodic scrapes and waits for the one under way, which is cut after a second.
func (l *Loop) Stop() {
	if l.stop == nil {
		return
	}
	l.stop()
	late := time.AfterFunc(finishTime, l.cut)
	l.running.Wait()
	late.Stop()
	l.cut()
}

func (l *Loop) run(ctx context.Context, stopped <-chan struct{}, interval time.Duration) {
	start := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for n := time.Duration(1); ; n++ {
		elapsed, over := time.Since(start), false
		select {
		case <-stopped: // what is due later is not missed
			elapsed, over = l.stopping.Sub(start), true
		default:
		}
		if missed := (elapsed - n*interval) / interval; missed > 0 {
			l.miss(int(missed))
			n += missed
		}
		if over {
			return
		}
		due := n*interval + time.Duration(rand.Float64()*lateness*float64(interval))
		timer.Reset(due - time.Since(start))
		select {
		case <-ctx.Done():
			return
		case <-stopped:
			return
		case <-timer.C:
		}
		select {
		case <-l.turn:
			l.read(ctx)
			l.pass()
		default: // an edge scrape is under way
			l.miss(1)
		}
	}
}

func (l *Loop) miss(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.stats {
		l.stats[i].Missed += n
		l.keepMoment(time.Now(), i, "missed")
	}
}
