package scrape

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"syscall"
	"time"

	"brrtload/internal/evidence"
)

// Loop reads several endpoints at once. Its methods are safe for concurrent use; scrapes never
// overlap.
type Loop struct {
	store     *evidence.Store
	dir       string // for raw scrapes
	endpoints []*Endpoint
	before    func(time.Time)
	after     func(Round)
	epoch     time.Time // timestamps follow the monotonic clock from here

	turn chan struct{} // holds a token between scrapes
	last time.Time     // the newest timestamp given to anything

	mu    sync.Mutex // guards stats and odd
	stats []Stats
	odd   []Moment

	stop    func()             // ends the periodic scrapes
	cut     context.CancelFunc // ends the one under way, too
	running sync.WaitGroup

	stopping time.Time // when they were stopped
}

// BaselineScrape names the scrape at which counters start: see [Loop.Now].
const BaselineScrape = "baseline"

// lateness is by which share of the interval a periodic scrape may come later than due, at random:
// scrapes in step with something in the target would see it always in the same state.
const lateness = 0.2

// Round is one reading of all endpoints.
type Round struct {
	At       time.Time // when the requests were sent: the timestamp of the samples
	After    time.Time // when the last body had been read
	Readings []Reading // in the order of the targets
	Unkept   error     // why a raw body could not be kept; its samples are taken all the same
}

// Stats is how the reading of one endpoint has gone so far.
type Stats struct {
	Endpoint string
	Count    int // scrapes sent
	Failed   int
	Missed   int           // due while the one before was still under way
	Bytes    int64         // of all bodies
	Took     time.Duration // of all scrapes
	Series   int           // in the last one that succeeded
	Err      error         // the last failure
	Restarts int           // how often the process was found to have started anew
	Turns    int           // how often another process answered, which had been there before

	Unversioned bool     // answered with text that does not say of which version
	Duplicates  []string // series that one exposition had twice, the first few
}

// NewLoop prepares the reading of targets into a store. Raw scrapes are kept in dir/scrapes.
func NewLoop(store *evidence.Store, dir string, targets ...Target) (*Loop, error) {
	l := &Loop{
		store: store, dir: filepath.Join(dir, "scrapes"), epoch: time.Now(), before: func(time.Time) {}, after: func(Round) {},
		turn: make(chan struct{}, 1),
	}
	l.turn <- struct{}{}
	for _, t := range targets {
		e, err := New(t, store)
		if err != nil {
			return nil, err
		}
		l.endpoints = append(l.endpoints, e)
		l.stats = append(l.stats, Stats{Endpoint: t.Name})
	}
	return l, nil
}

// Around has before called ahead of every round, with the timestamp that its samples will have, and
// after when all bodies have been read. What the client knows is snapshotted in both, so that it
// frames what the endpoints said in between. Neither may call the loop.
func (l *Loop) Around(before func(t time.Time), after func(Round)) { l.before, l.after = before, after }

// Now reads all endpoints once. A name, such as "baseline" or "steady-end", keeps the raw bodies in
// files of that name; after [BaselineScrape], counters that were not there start from 0. The error
// joins those of the endpoints that failed, and is the cause of the end of ctx when that came
// first.
func (l *Loop) Now(ctx context.Context, name string) (Round, error) {
	select {
	case <-ctx.Done():
		return Round{}, context.Cause(ctx)
	case <-l.turn:
	}
	defer l.pass()
	round := l.read(ctx)
	var failed, unkept []error
	for i, r := range round.Readings {
		if r.Err != nil {
			failed = append(failed, r.Err)
		} else if name == BaselineScrape {
			l.endpoints[i].Baseline(round.At)
		}
		if name != "" && len(r.body) > 0 {
			if err := l.keep(name, r); err != nil {
				unkept = append(unkept, err)
			}
		}
	}
	if name == BaselineScrape && len(failed) == 0 {
		l.store.Baseline(round.At)
	}
	round.Unkept = errors.Join(unkept...)
	return round, errors.Join(failed...)
}

// Stamp returns a timestamp that is later than those of all samples so far.
func (l *Loop) Stamp() time.Time {
	<-l.turn
	defer l.pass()
	return l.tick()
}

// pass lets the next one scrape.
func (l *Loop) pass() { l.turn <- struct{}{} }

// read needs the turn.
func (l *Loop) read(ctx context.Context) Round {
	round := Round{At: l.tick(), Readings: make([]Reading, len(l.endpoints))}
	l.before(round.At)
	var reading sync.WaitGroup
	for i, e := range l.endpoints {
		reading.Go(func() {
			batch := l.store.At(round.At)
			r, err := e.Scrape(ctx, round.At, batch)
			if stored := batch.Commit(); stored != nil && err == nil {
				r.Err = fmt.Errorf("scrape %s: %w", e.where, stored)
			}
			round.Readings[i] = r
		})
	}
	reading.Wait()
	round.After = l.tick()
	l.after(round)
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, r := range round.Readings {
		l.stats[i].add(r)
		switch {
		case r.Err != nil && ctx.Err() == nil:
			l.keepMoment(round.At, i, "failed")
		case r.Restarted:
			l.keepMoment(round.At, i, "found the process restarted")
		}
	}
	return round
}

// tick returns the time, to the millisecond, later than every time it gave before.
func (l *Loop) tick() time.Time {
	now := l.epoch.Add(time.Since(l.epoch)).Truncate(time.Millisecond)
	if !now.After(l.last) {
		now = l.last.Add(time.Millisecond)
	}
	l.last = now
	return now
}

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

// maxMoments bounds the moments that are kept.
const maxMoments = 200

// Moment is when a scrape did not go as planned.
type Moment struct {
	At             time.Time
	Endpoint, What string // What: "missed", "failed", "found the process restarted"
}

// keepMoment needs mu.
func (l *Loop) keepMoment(at time.Time, endpoint int, what string) {
	if len(l.odd) < maxMoments {
		l.odd = append(l.odd, Moment{at, l.endpoints[endpoint].name, what})
	}
}

// Moments returns when scrapes did not go as planned, the first 200.
func (l *Loop) Moments() []Moment {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.odd)
}

// Stats returns how each endpoint's reading has gone, in the order of the targets.
func (l *Loop) Stats() []Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Stats(nil), l.stats...)
}

func (s *Stats) add(r Reading) {
	s.Count++
	s.Took += r.Took
	s.Bytes += int64(r.Bytes)
	if r.Err != nil {
		s.Failed++
		s.Err = r.Err
		return
	}
	s.Series = r.Series
	s.Unversioned = s.Unversioned || r.Unversioned
	if r.Turn {
		s.Turns++
	}
	if r.Restarted {
		s.Restarts++
	}
	if len(s.Duplicates) == 0 {
		s.Duplicates = r.Duplicates
	}
}

// Close ends the periodic scrapes and gives up idle connections.
func (l *Loop) Close() {
	l.Stop()
	for _, e := range l.endpoints {
		e.Close()
	}
}

var notInFileNames = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// keep writes a raw body to a file named after the scrape and the endpoint.
func (l *Loop) keep(name string, r Reading) error {
	extension := ".txt"
	switch media, err := mediaType(r.ContentType); {
	case err == nil && media == protobufType:
		extension = ".pb"
	case err == nil && media == openMetricsType:
		extension = ".om"
	}
	if err := os.MkdirAll(l.dir, 0o755); err != nil {
		return fmt.Errorf("keep scrape %s: %w", name, err)
	}
	path := filepath.Join(l.dir, notInFileNames.ReplaceAllString(name+"-"+r.Endpoint, "_")+extension)
	if err := write(path, r.body); err != nil {
		return fmt.Errorf("keep scrape %s: %w", name, err)
	}
	return nil
}

// write writes a file that is not there yet, or is one of this run's own: not through a link.
func write(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|syscall.O_NOFOLLOW, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}
