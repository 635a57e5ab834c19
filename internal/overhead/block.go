package overhead

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"brrtload/internal/load"
	"brrtload/internal/machine"
	"brrtload/internal/process"
	"brrtload/scenarios"
)

// account is what the client knows it sent an arm since its start.
type account struct {
	answers map[string]uint64 // by status, or by outcome where none came
	hits    uint64
}

// connections is how many an arm gets. They are made anew for every slice, outside of what is measured.
const connections = 8

// block measures one block: both halves in a random order, and between them what a scrape costs.
func (x *experiment) block(ctx context.Context, number int) (Block, error) {
	dice := rand.New(rand.NewPCG(x.Seed, uint64(number)))
	b := Block{Session: x.session, Seconds: seconds(time.Since(x.began))}
	before := machine.Now()
	halves := []struct {
		to   *Half
		rate float64
	}{{&b.High, x.record.Design.High}, {&b.Low, x.record.Design.Low}}
	dice.Shuffle(len(halves), func(i, j int) { halves[i], halves[j] = halves[j], halves[i] })
	for i, h := range halves {
		if i == 1 {
			b.Scrapes = x.scrapes(ctx)
		}
		var err error
		if *h.to, err = x.half(ctx, h.rate, dice); err != nil {
			return b, err
		}
	}
	b.Steal, b.Pressure = machine.Now().Since(before)
	b.Unfit = unfit(b)
	return b, nil
}

// half loads every arm at one rate, in a random order and then in the reverse, so that what changes evenly with time strikes all alike. The same hits go
// to every arm.
func (x *experiment) half(ctx context.Context, rate float64, dice *rand.Rand) (Half, error) {
	order := dice.Perm(len(x.services))
	mirrored := slices.Clone(order)
	slices.Reverse(mirrored)
	h := Half{Order: append(order, mirrored...), Arms: make([]Measurement, len(x.services))}
	seeds := []uint64{dice.Uint64(), dice.Uint64()} // of the hits: one for the way there, one for the way back
	timings := make([]*load.Histogram, len(x.services))
	for i := range timings {
		timings[i] = load.NewHistogram()
	}
	before, err := x.readings(ctx)
	if err != nil {
		return h, err
	}
	began := time.Now()
	outside := make([]time.Duration, len(x.services))
	for i, arm := range h.Order {
		s, err := x.slice(ctx, arm, rate, x.Slice, seeds[i/len(x.services)])
		if err != nil {
			return h, err
		}
		outside[arm] += s.dialling
		h.Arms[arm].add(s)
		timings[arm].Merge(s.service)
	}
	if err := pause(ctx, x.Settle); err != nil {
		return h, err
	}
	h.Seconds = seconds(time.Since(began))
	for i := range h.Arms {
		m := &h.Arms[i]
		m.P50, m.P99 = seconds(timings[i].Quantile(0.5)), seconds(timings[i].Quantile(0.99))
		if err := m.used(ctx, x.services[i], before[i], outside[i]); err != nil {
			return h, fmt.Errorf("arm %s: %w%s", x.Arms[i].Name, err, x.services[i].Tail())
		}
	}
	return h, nil
}

// slice is an arm under load at a stretch.
type slice struct {
	planned  uint64
	answers  map[string]uint64
	hits     uint64
	bytes    int64
	busy     float64       // CPU ÷ time
	dialling time.Duration // CPU that the arm used while it was dialled
	service  *load.Histogram
	lag      time.Duration
}

func (m *Measurement) add(s slice) {
	m.Planned += s.planned
	m.Hits += s.hits
	m.Bytes += s.bytes
	if m.Answers == nil {
		m.Answers = map[string]uint64{}
	}
	for answer, n := range s.answers {
		m.Answers[answer] += n
	}
	m.Busy = max(m.Busy, s.busy)
	m.Lag = max(m.Lag, seconds(s.lag))
}

// slice sends the hits of a seed to an arm.
func (x *experiment) slice(ctx context.Context, arm int, rate float64, d time.Duration, seed uint64) (slice, error) {
	plan, err := planned(x.Scenario, rate, d, seed)
	if err != nil {
		return slice{}, err
	}
	target := x.services[arm]
	ledger := load.NewLedger(plan, x.Scenario.Secrets()...)
	before, err := process.CPU(target.Process.PID())
	if err != nil {
		return slice{}, fmt.Errorf("arm %s %s%s", x.Arms[arm].Name, target.Died(), target.Tail())
	}
	var began time.Time
	var dialled time.Duration
	var lost error
	err = load.Run(ctx, plan, ledger, load.Options{
		BaseURL: target.URL, Connections: connections, Timeout: x.Scenario.Timeout, Stop: x.Stop,
		Began: func(t time.Time) {
			began = t
			dialled, lost = process.CPU(target.Process.PID())
		},
	})
	if err = errors.Join(err, lost); err != nil {
		return slice{}, fmt.Errorf("load arm %s: %w%s", x.Arms[arm].Name, err, target.Tail())
	}
	if x.stopped() {
		return slice{}, errStopped
	}
	after, err := process.CPU(target.Process.PID())
	if err != nil {
		return slice{}, fmt.Errorf("arm %s %s%s", x.Arms[arm].Name, target.Died(), target.Tail())
	}
	s := summed(ledger.Snapshot())
	s.dialling = dialled - before
	s.busy = (after - dialled).Seconds() / time.Since(began).Seconds()
	x.sent[arm].add(s)
	return s, nil
}

// planned draws up a stretch of constant rate of a scenario's requests.
func planned(s *scenarios.Scenario, rate float64, d time.Duration, seed uint64) (*scenarios.Plan, error) {
	stretch := *s
	stretch.Warmup = nil
	if err := stretch.Restage(fmt.Sprintf("%s@%s", d, strconv.FormatFloat(rate, 'f', 3, 64))); err != nil {
		return nil, err
	}
	return stretch.Plan(seed)
}

// summed makes a slice of a ledger.
func summed(from load.Snapshot) slice {
	s := slice{planned: from.Planned, answers: map[string]uint64{}, service: load.NewHistogram(), lag: from.Lag.Quantile(0.99)}
	for _, row := range from.Rows {
		s.hits += row.Hits
		s.bytes += row.BytesIn
		s.answers[answer(row)] += row.Hits
	}
	for _, t := range from.Timings {
		s.service.Merge(t.Service)
	}
	return s
}

// answer names what came of a hit: its request and status, or what went wrong.
func answer(row load.Row) string {
	if row.Outcome == load.Answered {
		return row.Request.Name.Value + " " + strconv.Itoa(row.Status)
	}
	return row.Request.Name.Value + " " + string(row.Outcome)
}

func (a *account) add(s slice) {
	a.hits += s.hits
	if a.answers == nil {
		a.answers = map[string]uint64{}
	}
	for answer, n := range s.answers {
		a.answers[answer] += n
	}
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
