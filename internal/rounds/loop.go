// Package rounds reads several endpoints at once, at one timestamp: at the baseline, at the edges of
// phases, periodically in between, and at the end. Before the load and after it, it waits until they
// are at rest.
package rounds

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"brrtload/internal/evidence"
	"brrtload/internal/scrape"
)

// Loop reads several endpoints at once. Its methods are safe for concurrent use; scrapes never
// overlap.
type Loop struct {
	store     *evidence.Store
	dir       string // for raw scrapes
	endpoints []*scrape.Endpoint
	before    func(time.Time)
	after     func(Round)
	epoch     time.Time // timestamps follow the monotonic clock from here

	turn chan struct{} // holds a token between scrapes
	last time.Time     // the newest timestamp given to anything

	mu    sync.Mutex // guards stats and odd
	stats []scrape.Stats
	odd   []Moment

	stop    func()             // ends the periodic scrapes
	cut     context.CancelFunc // ends the one under way, too
	running sync.WaitGroup

	stopping time.Time // when they were stopped
}

// Baseline names the scrape at which counters start: see [Loop.Now].
const Baseline = "baseline"

// Round is one reading of all endpoints.
type Round struct {
	At       time.Time        // when the requests were sent: the timestamp of the samples
	After    time.Time        // when the last body had been read
	Readings []scrape.Reading // in the order of the targets
	Unkept   error            // why a raw body could not be kept; its samples are taken all the same
}

// New prepares the reading of targets into a store. Raw scrapes are kept in dir/scrapes.
func New(store *evidence.Store, dir string, targets ...scrape.Target) (*Loop, error) {
	l := &Loop{
		store: store, dir: filepath.Join(dir, "scrapes"), epoch: time.Now(), before: func(time.Time) {}, after: func(Round) {},
		turn: make(chan struct{}, 1),
	}
	l.turn <- struct{}{}
	for _, t := range targets {
		e, err := scrape.New(t, store)
		if err != nil {
			return nil, err
		}
		l.endpoints = append(l.endpoints, e)
		l.stats = append(l.stats, scrape.Stats{Endpoint: t.Name})
	}
	return l, nil
}

// Around has before called ahead of every round, with the timestamp that its samples will have, and
// after when all bodies have been read. What the client knows is snapshotted in both, so that it
// frames what the endpoints said in between. Neither may call the loop.
func (l *Loop) Around(before func(t time.Time), after func(Round)) { l.before, l.after = before, after }

// Now reads all endpoints once. A name, such as "baseline" or "steady-end", keeps the raw bodies in
// files of that name; after [Baseline], counters that were not there start from 0. The error
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
		} else if name == Baseline {
			l.endpoints[i].Baseline(round.At)
		}
		if name != "" {
			if err := r.Save(l.dir, name); err != nil {
				unkept = append(unkept, err)
			}
		}
	}
	if name == Baseline && len(failed) == 0 {
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
	round := Round{At: l.tick(), Readings: make([]scrape.Reading, len(l.endpoints))}
	l.before(round.At)
	var reading sync.WaitGroup
	for i, e := range l.endpoints {
		reading.Go(func() {
			batch := l.store.At(round.At)
			r, err := e.Scrape(ctx, round.At, batch)
			if stored := batch.Commit(); stored != nil && err == nil {
				r.Err = fmt.Errorf("scrape %s: %w", r.URL, stored)
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
		l.stats[i].Add(r)
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

// Stats returns how each endpoint's reading has gone, in the order of the targets.
func (l *Loop) Stats() []scrape.Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]scrape.Stats(nil), l.stats...)
}

// Redial has each scrape use connections of its own from now on. It waits for the one under way.
func (l *Loop) Redial() { l.each((*scrape.Endpoint).Redial) }

// Close ends the periodic scrapes and gives up idle connections.
func (l *Loop) Close() {
	l.Stop()
	for _, e := range l.endpoints {
		e.Close()
	}
}
