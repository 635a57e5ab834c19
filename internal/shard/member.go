package shard

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"
)

// How long shards wait for each other, and how they do.
const (
	Patience = 5 * time.Minute        // for the last shard to come
	ahead    = 2 * time.Second        // from the meeting to the start that shard 0 chooses
	again    = 200 * time.Millisecond // between two questions
	asking   = 5 * time.Second        // of one question
)

// ErrRefused is the error of a shard that shard 0 does not take: it has another plan, or its index
// is taken.
var ErrRefused = errors.New("shard 0 refuses this shard")

// Member is a shard at work. Its methods are called one after the other, by one goroutine.
type Member struct {
	Shard
	StartAt time.Time // of the load; as shard 0 says when zero
	Barrier string    // HOST:PORT at which shard 0 listens and the others find it; none when empty

	who      string
	clock    Clock
	server   *server // of shard 0
	patience time.Duration
}

// Clock is how far a shard's clock is ahead of that of shard 0, in seconds.
type Clock struct {
	Known       bool    `json:"known"` // whether it was compared
	Offset      float64 `json:"offset_seconds"`
	Uncertainty float64 `json:"uncertainty_seconds"` // half of the quickest round trip
}

// Join makes the shard known to the others. Shard 0 begins to listen; another waits until it can be
// reached. The outline is what all must agree on. The error is [ErrRefused] when they do not.
func (m *Member) Join(ctx context.Context, outline string) error {
	if m.patience == 0 {
		m.patience = Patience
	}
	m.who, m.clock.Known = rand.Text(), m.Index == 0
	if m.Barrier == "" || m.Of == 1 {
		return nil
	}
	if m.Index == 0 {
		var err error
		m.server, err = listen(m.Barrier, m.Of, outline, m.StartAt)
		return err
	}
	err := m.until(ctx, "shard 0", func(ctx context.Context) (bool, error) {
		_, err := m.ask(ctx, "join", question{Outline: outline})
		return err == nil, err
	})
	if err != nil {
		return err
	}
	return m.compare(ctx)
}

// Meet waits until every shard is ready and returns when the load starts, by this machine's clock.
// It is the zero time, as soon as can be, when no time is given.
func (m *Member) Meet(ctx context.Context) (time.Time, error) {
	switch {
	case m.Barrier == "" || m.Of == 1:
		return m.StartAt, nil
	case m.Index == 0:
		return m.server.meet(ctx, m.patience)
	}
	var start time.Time
	err := m.until(ctx, "the start", func(ctx context.Context) (bool, error) {
		answer, err := m.ask(ctx, "ready", question{})
		if err == nil && answer.Start != 0 {
			start = time.Unix(0, answer.Start)
		}
		return !start.IsZero(), err
	})
	return start, err
}

// Part reports that all hits of the shard are done. Shard 0 waits until those of all are, no longer
// than atMost, and returns which of the others did not report. The others compare their clocks
// again.
func (m *Member) Part(ctx context.Context, atMost time.Duration) (missing []uint64, err error) {
	switch {
	case m.Barrier == "" || m.Of == 1:
		return nil, nil
	case m.Index == 0:
		return m.server.part(ctx, atMost), nil
	}
	if err := m.compare(ctx); err != nil {
		return nil, err
	}
	_, err = m.ask(ctx, "done", question{})
	return nil, err
}

// Clock returns how far this machine's clock was from that of shard 0, at its worst.
func (m *Member) Clock() Clock { return m.clock }

// Close ends the listening.
func (m *Member) Close() error {
	client.CloseIdleConnections()
	if m.server == nil {
		return nil
	}
	return m.server.close()
}

// until asks again and again.
func (m *Member) until(ctx context.Context, what string, ask func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, m.patience, errPatience)
	defer cancel()
	for {
		done, err := ask(ctx)
		if done || errors.Is(err, ErrRefused) {
			return err
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
			if !errors.Is(context.Cause(ctx), errPatience) {
				return context.Cause(ctx)
			}
			return fmt.Errorf("waited %s for %s: %w", m.patience, what, cmp.Or(err, errSilent))
		}
	}
}

var (
	errPatience = errors.New("waited long enough")
	errSilent   = errors.New("shard 0 answers, and did not say when; look at its log")
)

// samples is how often a clock is read to compare it. The quickest answer counts.
const samples = 8

// compare measures the offset by reading shard 0's clock, in the middle between question and answer
// (D. Mills, "Internet time synchronization", 1991). Of several measurements the largest offset
// stays.
func (m *Member) compare(ctx context.Context) error {
	best := Clock{}
	for range samples {
		asked := time.Now()
		answer, err := m.ask(ctx, "clock", question{})
		if err != nil {
			return err
		}
		took := time.Since(asked)
		middle := asked.Add(took / 2)
		now := Clock{true, middle.Sub(time.Unix(0, answer.Now)).Seconds(), (took / 2).Seconds()}
		if !best.Known || now.Uncertainty < best.Uncertainty {
			best = now
		}
	}
	if !m.clock.Known || best.worst() > m.clock.worst() {
		m.clock = best
	}
	return nil
}

// worst is the largest offset that the measurement allows.
func (c Clock) worst() float64 { return max(c.Offset, -c.Offset) + c.Uncertainty }

// numbers writes a few numbers as a list.
func numbers(of []uint64) string {
	var list []string
	for _, n := range of {
		list = append(list, fmt.Sprint(n))
	}
	return strings.Join(list, ", ")
}
