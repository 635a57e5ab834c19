// Package charts makes the lines of a report's charts out of a run's evidence.
//
// In go the evidence and what was asserted; out comes a [reports.Timeline]. It asks the same store
// as the judge, once the run is over. Package reports draws.
package charts

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"brrtload/assertions"
	"brrtload/internal/evidence"
	"brrtload/internal/facts"
	"brrtload/reports"
)

const (
	// maxSlices is the largest number of slices of a timeline.
	maxSlices = 200
	// maxLines is the largest number of lines of a panel.
	maxLines = 8
)

// Input is what a timeline is made of.
type Input struct {
	Store      *evidence.Store
	Assertions []assertions.Assertion
	Checks     []assertions.Check // what was found, if it is known: what did not hold is drawn first
	Began      time.Time          // when the load began
	Stages     []Stage            // in order
	Finest     time.Duration      // slices are no shorter
	Marks      []reports.Mark
}

// Stage is a stretch of the load with its edges.
type Stage struct {
	Name       string
	Start, End time.Time
	WarmUp     bool
}

// Timeline returns the charts of a run, nil of one that has no load to show. It costs some hundred
// queries and is bounded by the number of slices. An error means that the store could not be asked,
// or not in time: charts are missing then, and the others are returned.
func Timeline(ctx context.Context, in Input) (*reports.Timeline, error) {
	whole, ok := extent(in)
	if !ok {
		return nil, nil
	}
	length := whole.End.Sub(whole.Start)
	step := max(length/maxSlices, in.Finest, time.Millisecond).Round(time.Millisecond)
	t := &drawn{ctx: ctx, in: in, start: whole.Start.Add(step), step: step, slices: int(length / step)}
	if t.slices < 1 {
		return nil, nil
	}
	t.Zero, t.First, t.Step, t.Slices = in.Began, t.start.Sub(in.Began).Seconds(), step.Seconds(), t.slices
	for _, m := range together(in.Marks, t.Step) {
		if m.At >= t.First-t.Step && m.At < t.End()+t.Step { // the rest of a slice is not drawn
			m.At = min(m.At, t.End())
			t.Marks = append(t.Marks, m)
		}
	}
	for _, s := range in.Stages {
		if !s.Start.IsZero() && !s.End.IsZero() {
			t.Bands = append(t.Bands, reports.Band{Name: s.Name, From: s.Start.Sub(in.Began).Seconds(),
				To: s.End.Sub(in.Began).Seconds(), WarmUp: s.WarmUp})
		}
	}
	t.panels()
	t.heat()
	t.spectrum()
	t.residuals(whole)
	t.trends()
	return &t.Timeline, t.err
}

// together sorts marks by time, and makes one of those that say the same within a slice.
func together(marks []reports.Mark, step float64) (list []reports.Mark) {
	marks = slices.Clone(marks)
	slices.SortStableFunc(marks, func(a, b reports.Mark) int { return cmp.Compare(a.At, b.At) })
	latest, times := map[string]int{}, map[int]int{}
	for _, m := range marks {
		i, seen := latest[m.Text]
		if seen && m.At-list[i].At < step {
			times[i]++
			continue
		}
		latest[m.Text] = len(list)
		times[len(list)] = 1
		list = append(list, m)
	}
	for i := range list {
		list[i].At = short(list[i].At)
		if times[i] > 1 {
			list[i].Text += fmt.Sprintf(" (%d times)", times[i])
		}
	}
	return list
}

// extent returns the stretch to show: the run window, or as much of it as the client's series
// cover.
func extent(in Input) (facts.Window, bool) {
	w, _ := in.Store.Window(facts.Run)
	scraped, ok := in.Store.Window(facts.Scraped)
	if w.Start.IsZero() {
		w.Start = in.Began
	}
	if w.End.IsZero() && ok {
		w.End = scraped.End
	}
	return w, !in.Began.IsZero() && w.End.After(w.Start)
}

// drawn is a timeline under construction; the first error stays.
type drawn struct {
	reports.Timeline
	ctx    context.Context
	in     Input
	start  time.Time
	step   time.Duration
	slices int
	err    error
}

// lines asks for one value a slice. S in the expression stands for the length of a slice.
func (t *drawn) lines(expr string, args ...any) []evidence.Points {
	if t.err != nil {
		return nil
	}
	slice := fmt.Sprintf("%dms", t.step.Milliseconds())
	expr = strings.ReplaceAll(fmt.Sprintf(expr, args...), "[S]", "["+slice+"]")
	points, err := t.in.Store.Range(t.ctx, expr, t.start, t.step, t.slices)
	if err != nil {
		t.err = fmt.Errorf("charts: %w", err)
	}
	return points
}

// line asks for one line, and reports false when it has no value at all.
func (t *drawn) line(name string, side reports.Side, expr string, args ...any) (reports.Line, bool) {
	points := t.lines(expr, args...)
	if len(points) == 0 || empty(points[0].Values) {
		return reports.Line{}, false
	}
	return reports.Line{Name: name, Side: side, Values: points[0].Values}, true
}

func empty(values []float64) bool {
	for _, v := range values {
		if !math.IsNaN(v) {
			return false
		}
	}
	return true
}

// allZero reports whether a line shows nothing.
func allZero(values []float64) bool {
	for _, v := range values {
		if !math.IsNaN(v) && v != 0 {
			return false
		}
	}
	return true
}
