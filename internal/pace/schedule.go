// Package pace says when each hit of a load is due.
//
// In go stages; out comes, for every hit number n, the instant it is due after the start. Schedules
// are pure functions of n in whole nanoseconds: they hold no clock and no state, and are safe for
// concurrent use. Package internal/load waits for the instants.
package pace

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// Stage is a stretch of a plan: it has Hits hits, numbered from 0, within Length. At gives when hit
// n is due after the stage's start; it never falls with n, lies in [0, Length) for every n < Hits,
// and means nothing for other n.
type Stage interface {
	Hits() uint64
	Length() time.Duration
	At(n uint64) time.Duration
	// Peak is the highest arrival rate of the stage.
	Peak() Rate
	String() string
}

// Schedule is stages one after another; each begins where the one before ends. It is a Stage
// itself. The zero value is an empty schedule.
type Schedule struct {
	stages []Stage
	first  []uint64        // number of each stage's first hit
	start  []time.Duration // each stage's start
	hits   uint64
	length time.Duration
	shard  shard
}

// NewSchedule concatenates stages.
func NewSchedule(stages ...Stage) Schedule {
	s := Schedule{stages: stages}
	for _, stage := range stages {
		s.first = append(s.first, s.hits)
		s.start = append(s.start, s.length)
		s.hits += stage.Hits()
		s.length += stage.Length()
	}
	return s
}

// Hits returns how many hits are planned.
func (s Schedule) Hits() uint64 { return s.shard.hits(s.hits) }

// Length returns the time from the first stage's start to the last one's end.
func (s Schedule) Length() time.Duration { return s.length }

// Due returns when hit n < Hits is due after the start, and the index of its stage. It costs a
// binary search over the stages.
func (s Schedule) Due(n uint64) (time.Duration, int) {
	n = s.Number(n)
	i := s.stageOf(n)
	return s.start[i] + s.stages[i].At(n-s.first[i]), i
}

// At returns when hit n is due, as Due does.
func (s Schedule) At(n uint64) time.Duration {
	at, _ := s.Due(n)
	return at
}

// stageOf finds the last stage whose first hit is not after n. Stages without hits share their
// first hit with the next one, so that the last is the one that has it.
func (s Schedule) stageOf(n uint64) int {
	if len(s.stages) == 1 {
		return 0
	}
	return sort.Search(len(s.first), func(i int) bool { return s.first[i] > n }) - 1
}

// Stages returns the stages in their order; they are not to be changed.
func (s Schedule) Stages() []Stage { return s.stages }

// ClosedFrom returns the number of the first hit of a closed loop, and a number that no hit has
// when there is none.
func (s Schedule) ClosedFrom() uint64 {
	last := len(s.stages) - 1
	if last < 0 {
		return Unbounded
	}
	if _, closed := s.stages[last].(Max); !closed {
		return Unbounded
	}
	return s.first[last]
}

// Span returns when stage i begins and ends.
func (s Schedule) Span(i int) (start, end time.Duration) {
	return s.start[i], s.start[i] + s.stages[i].Length()
}

// Peak returns the highest arrival rate of any stage.
func (s Schedule) Peak() Rate {
	peak := Rate(0)
	for _, stage := range s.stages {
		peak = max(peak, stage.Peak())
	}
	return s.shard.peak(peak)
}

// String names the stages in their order.
func (s Schedule) String() string {
	names := make([]string, len(s.stages))
	for i, stage := range s.stages {
		names[i] = stage.String()
	}
	return fmt.Sprintf("Schedule{%s}", strings.Join(names, ", "))
}
