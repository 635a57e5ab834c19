package run

import (
	"context"
	"time"

	"brrtload/assertions"
	"brrtload/assertions/judge"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// The machine is the load's, and a look at a budget takes longer the longer the load has lasted: it
// reads all samples of the window. So no further budget is looked at after lookTime, and the next
// look waits restAfter times as long as this one took.
const (
	lookTime  = 5 * time.Millisecond
	restAfter = 200
)

// tightest finds, while the load is under way, the budget with the least room left. It looks at the
// budgets in turn, a few at a time.
type tightest struct {
	among    []assertions.Assertion
	store    facts.Evidence
	underWay func(now time.Time) []facts.Window

	next int                // the assertion to look at next
	rest time.Time          // until when nothing is looked at
	room map[string]float64 // margin by id, as last seen in the windows under way
	in   string             // the stage in which they were seen
}

// look goes on looking, if it is time, and names the tightest of the budgets as a person reads it;
// empty when none has been measured yet.
func (t *tightest) look(ctx context.Context, stage string) string {
	if t.in != stage {
		t.in, t.room = stage, map[string]float64{}
	}
	if began := time.Now(); !began.Before(t.rest) {
		t.some(ctx, began)
		t.rest = time.Now().Add(restAfter * time.Since(began))
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

// some looks at the assertions whose turn it is.
func (t *tightest) some(ctx context.Context, began time.Time) {
	windows := t.underWay(began)
	for range t.among {
		a := t.among[t.next]
		t.next = (t.next + 1) % len(t.among)
		for _, w := range windows {
			if f, ok := judge.Room(ctx, t.store, a, w); ok && ctx.Err() == nil {
				t.room[a.About().ID] = *f.Margin
			}
		}
		if time.Since(began) > lookTime {
			break
		}
	}
}
