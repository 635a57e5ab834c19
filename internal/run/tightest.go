package run

import (
	"context"
	"time"

	"brrtload/assertions"
	"brrtload/assertions/judge"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// lookTime is how long budgets are looked at for every tick of the progress: the machine is the
// load's, so that many budgets take several ticks.
const lookTime = 5 * time.Millisecond

// tightest finds, while the load is under way, the budget with the least room left. It looks at the
// budgets in turn, a few at every tick.
type tightest struct {
	r    *runner
	next int                // the assertion to look at next
	room map[string]float64 // margin by id, as last seen in the windows under way
	in   string             // the stage in which they were seen
}

// look goes on looking for a tick's time and names the tightest of the budgets as a person reads
// it; empty when none has been measured yet.
func (t *tightest) look(ctx context.Context, stage string) string {
	if t.in != stage {
		t.in, t.room = stage, map[string]float64{}
	}
	began := time.Now()
	windows := t.r.underWay(began)
	for range t.r.Assertions {
		t.lookAt(ctx, t.r.Assertions[t.next], windows)
		t.next = (t.next + 1) % len(t.r.Assertions)
		if time.Since(began) > lookTime {
			break
		}
	}
	var id string
	for other, room := range t.room {
		if id == "" || room < t.room[id] || room == t.room[id] && other < id {
			id = other
		}
	}
	if id == "" {
		return ""
	}
	if t.room[id] < 0 {
		return id + " breached"
	}
	return id + " " + quantity.Of(t.room[id], "ratio").String() + " left"
}

func (t *tightest) lookAt(ctx context.Context, a assertions.Assertion, windows []facts.Window) {
	for _, w := range windows {
		if f, ok := judge.Room(ctx, t.r.store, a, w); ok && ctx.Err() == nil {
			t.room[a.About().ID] = *f.Margin
		}
	}
}
