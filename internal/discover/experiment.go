package discover

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/common/model"

	"brrtload/internal/facts"
	"brrtload/internal/scrape"
)

// Kinds of requests. Each is sent alone, in a number that no other kind has.
const (
	Known     = "known"
	Unmatched = "unmatched"
	Head      = "HEAD"
	Asked     = "OPTIONS"
	Abandoned = "abandoned"
	OtherHost = "other Host"
	Wrong     = "POST"
	Load      = "calibration"
)

// knownRounds are how often a known path is asked for: three times over, so that one lucky moment
// does not hide how old counts are.
var knownRounds = []int{3, 4, 6}

// How many requests of each other kind are sent.
const (
	ofUnmatched = 5
	ofHead      = 7
	ofOptions   = 11
	ofAbandoned = 13
	ofOtherHost = 17
	ofWrong     = 19
	atOnce      = 12 // while gauges are looked at
	loadHits    = 40
)

// LoadRate is the rate of the calibration, and of the scenario that is written, in hits per second.
const LoadRate = 20

// otherHost is no name of any service (RFC 2606).
const otherHost = "brrtload.invalid"

// Step is what one kind of request did to the counts.
type Step struct {
	Kind     string
	Path     string // of one known path
	Sent     int
	Statuses map[int]int // what the client saw; empty of requests that were abandoned
	took     time.Duration
	delta    map[string]float64 // by series
}

type experiment struct {
	sender   *sender
	reader   *reader
	paths    []Path
	unsafe   bool
	progress func(string)

	steps   []Step
	series  map[string]scrape.Value // every series seen
	slow    string                  // the slowest path
	gauges  map[string]*level
	latency []time.Duration
}

// level is what a gauge did while requests were in flight.
type level struct {
	series            scrape.Value
	rest, peak, after float64
	steady            bool // the same in every scrape at rest
}

func (e *experiment) run(ctx context.Context) error {
	e.series = map[string]scrape.Value{}
	e.progress("learning what moves without requests")
	before, err := e.reader.rest(ctx)
	if err != nil {
		return err
	}
	e.note(before)
	var longest time.Duration
	for i, n := range knownRounds {
		path := e.paths[i%len(e.paths)].Path
		if before, err = e.step(ctx, before, Known, path, n, func(int) (answer, error) { return e.sender.get(ctx, path) }); err != nil {
			return err
		}
		if took := e.steps[i].took / time.Duration(n); took >= longest {
			longest, e.slow = took, path
		}
		if e.reader.turns > 0 {
			e.progress("several processes answer scrapes in turn")
			_, err = e.load(ctx, before)
			return err
		}
		if i == 0 && len(e.steps[0].delta) == 0 {
			e.progress(fmt.Sprintf("no count moved in %s", slowest))
		}
	}
	path := e.paths[0].Path
	token := rand.Uint64()
	for _, k := range []struct {
		kind string
		n    int
		send func(i int) (answer, error)
	}{
		{Unmatched, ofUnmatched, func(i int) (answer, error) {
			return e.sender.get(ctx, fmt.Sprintf("/brrtload-no-such-path-%x-%d", token, i))
		}},
		{Head, ofHead, func(int) (answer, error) { return e.sender.do(ctx, http.MethodHead, path, "") }},
		{Asked, ofOptions, func(int) (answer, error) { return e.sender.do(ctx, http.MethodOptions, path, "") }},
		{Abandoned, ofAbandoned, func(int) (answer, error) { return answer{}, e.sender.abandon(ctx, path) }},
		{Wrong, ofWrong, func(int) (answer, error) { return e.sender.do(ctx, http.MethodPost, path, "") }},
		{OtherHost, ofOtherHost, func(int) (answer, error) { return e.sender.do(ctx, http.MethodGet, path, otherHost) }},
	} {
		if k.kind == Wrong && !e.unsafe {
			continue
		}
		if before, err = e.step(ctx, before, k.kind, "", k.n, k.send); err != nil {
			return err
		}
	}
	if before, err = e.amid(ctx, before); err != nil {
		return err
	}
	_, err = e.load(ctx, before)
	return err
}

// step sends n requests of one kind, one after the other, and waits until the counts stand still.
func (e *experiment) step(
	ctx context.Context,
	before view,
	kind, path string,
	n int,
	send func(i int) (answer, error),
) (view, error) {
	e.progress(fmt.Sprintf("%d × %s %s", n, kind, path))
	s := Step{Kind: kind, Path: path, Sent: n, Statuses: map[int]int{}}
	for i := range n {
		a, err := send(i)
		if ctx.Err() != nil {
			return view{}, context.Cause(ctx)
		}
		if err != nil {
			if kind == Known || kind == Abandoned {
				return view{}, fmt.Errorf("%w: %s request %d of %d: %w", ErrUnreachable, kind, i+1, n, err)
			}
			continue // some servers close the connection
		}
		if a.status != 0 {
			s.Statuses[a.status]++
		}
		s.took += a.took
	}
	return e.settled(ctx, before, s)
}

// settled waits until the counts stand still, and keeps the step.
func (e *experiment) settled(ctx context.Context, before view, s Step) (view, error) {
	patience := 2 * still
	if len(e.steps) == 0 && e.reader.turns == 0 {
		patience = slowest
	}
	quiet := still
	if s.Kind == Abandoned { // no answer shows that they were served
		patience, quiet = 8*still, 4*still
	}
	after, err := e.reader.settle(ctx, before, patience, quiet)
	if err != nil {
		return view{}, err
	}
	e.note(after)
	s.delta = e.reader.delta(before, after)
	e.steps = append(e.steps, s)
	return after, nil
}

func (e *experiment) note(v view) {
	for key, x := range v.series {
		e.series[key] = x
	}
}

// amid reads gauges while requests are in flight on the slowest path.
func (e *experiment) amid(ctx context.Context, before view) (view, error) {
	e.progress("gauges while requests are in flight")
	e.gauges = map[string]*level{}
	again, err := e.reader.read(ctx)
	if err != nil {
		return view{}, err
	}
	for key, x := range before.series {
		if x.Cumulative || facts.MovesByItself(x.Family) ||
			x.Type != model.MetricTypeGauge && x.Type != model.MetricTypeUnknown {
			continue
		}
		e.gauges[key] = &level{series: x, rest: x.Value, peak: x.Value, steady: again.series[key].Value == x.Value}
	}
	var sending sync.WaitGroup
	for range atOnce {
		sending.Go(func() { _, _ = e.sender.get(ctx, e.slow) }) // only what the gauges show counts
	}
	over := make(chan struct{})
	go func() { sending.Wait(); close(over) }()
	for done := false; !done; {
		v, err := e.reader.read(ctx)
		if err != nil {
			<-over
			return view{}, err
		}
		e.note(v)
		for key, x := range v.series {
			if g := e.gauges[key]; g != nil {
				g.peak = max(g.peak, x.Value)
			} else if !x.Cumulative && !facts.MovesByItself(x.Family) && x.Type == model.MetricTypeGauge {
				e.gauges[key] = &level{series: x, peak: x.Value, steady: true}
			}
		}
		select {
		case <-over:
			done = true
		default:
		}
	}
	after, err := e.reader.settle(ctx, before, 2*still, still)
	for key, g := range e.gauges {
		g.after = after.series[key].Value
	}
	return after, err
}

// load sends known paths on schedule for two seconds.
func (e *experiment) load(ctx context.Context, before view) (view, error) {
	e.progress(fmt.Sprintf("calibration: %d/s for 2 s", LoadRate))
	s := Step{Kind: Load, Sent: loadHits, Statuses: map[int]int{}}
	var mu sync.Mutex
	var sending sync.WaitGroup
	start := time.Now()
	for i := range loadHits {
		due := start.Add(time.Duration(i) * time.Second / LoadRate)
		if err := pause(ctx, time.Until(due)); err != nil {
			break
		}
		sending.Go(func() {
			a, err := e.sender.get(ctx, e.paths[i%len(e.paths)].Path)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				s.Statuses[a.status]++
				s.took += a.took
				e.latency = append(e.latency, time.Since(due))
			}
		})
	}
	sending.Wait()
	if ctx.Err() != nil {
		return view{}, context.Cause(ctx)
	}
	return e.settled(ctx, before, s)
}
