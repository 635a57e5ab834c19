package run

import (
	"context"
	"time"

	"brrtload/internal/rounds"
)

// edgeTries is how often a scrape that the run cannot do without is tried.
const edgeTries = 3

// must takes a scrape that the run cannot do without. One that fails is taken again, up to so many
// tries, for nothing is lost by that while the target is at rest.
func (r *runner) must(ctx context.Context, name string, tries int) (rounds.Round, error) {
	for try := 1; ; try++ {
		round, err := r.loop.Now(ctx, name)
		r.kept(round)
		if err == nil || try == tries || ctx.Err() != nil {
			return round, err
		}
		r.note("the %s scrape was taken again: %v", name, err)
		select {
		case <-time.After(tryAgain):
		case <-ctx.Done():
		}
	}
}

// kept notes a raw scrape that could not be kept.
func (r *runner) kept(round rounds.Round) {
	if round.Unkept != nil {
		r.note("%v", round.Unkept)
	}
}
