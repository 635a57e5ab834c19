package terminal

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"brrtload/internal/quantity"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

// ProgressKind is how a run in progress is shown.
type ProgressKind int

// The kinds of progress. The zero value shows nothing.
const (
	Quiet ProgressKind = iota
	Lines              // a line every ten seconds and at every change of stage; for logs
	Bar                // one line that is redrawn; for terminals
)

// Tick is where a run is. Times are in seconds.
type Tick struct {
	Elapsed, Total float64 // since the first hit was due, and of the whole plan
	Stage          string
	Planned        float64 // hits per second, now
	Sent           uint64  // hits so far
	Rate           float64 // hits done per second, lately
	P99            float64 // latency from the due time, in this stage; 0 when no hit is done
	Errors         uint64  // so far
	// the budget with the least room and how much of its limit is left, or that it is breached, as
	// a person reads it; empty when unknown
	Tightest string
}

// Progress shows a run in progress. Its methods are safe for concurrent use; none of them fails,
// since a run goes on without a viewer.
type Progress struct {
	mu   sync.Mutex
	view view // nil when there is nothing to show
}

// view is one way to show progress. Its methods are called one at a time.
type view interface {
	update(Tick)
	say(string)
	done()
}

// NewProgress shows progress on w, which is best standard error. The caller ends it by Done.
func NewProgress(w io.Writer, kind ProgressKind) *Progress {
	switch kind {
	case Bar:
		return &Progress{view: newBarView(w)}
	case Lines:
		return &Progress{view: &linesView{out: w, last: Tick{Elapsed: -interval}}}
	default:
		return &Progress{}
	}
}

// Quiet reports whether nothing is shown, so that a caller can save the work.
func (p *Progress) Quiet() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.view == nil
}

// Update shows where the run is. In a terminal it redraws a line, so that a few times a second is
// often enough.
func (p *Progress) Update(t Tick) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.view != nil {
		p.view.update(t)
	}
}

// Say reports a sentence on the way, above the bar when there is one.
func (p *Progress) Say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.view != nil {
		p.view.say(fit.Line(text, 500))
	}
}

// Done takes the bar away. Afterwards nothing is shown any more; calling it again is harmless.
func (p *Progress) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.view != nil {
		p.view.done()
		p.view = nil
	}
}

// interval is how often a log hears of the progress, in seconds of the run.
const interval = 10

type linesView struct {
	out  io.Writer
	last Tick
}

func (v *linesView) update(t Tick) {
	if t.Stage == v.last.Stage && t.Elapsed < v.last.Elapsed+interval {
		return
	}
	v.last = t
	v.say(fmt.Sprintf("[%s] %s: %s", t.clock(), fit.Line(t.Stage, fit.NameWidth), t.figures()))
}

func (v *linesView) say(text string) { fmt.Fprintln(v.out, fit.Inert(text)) }

func (v *linesView) done() {}

// clock returns the time elapsed and the time planned: 01:30/05:00.
func (t Tick) clock() string { return clock(t.Elapsed) + "/" + clock(t.Total) }

func clock(seconds float64) string {
	whole := int(max(0, seconds))
	if whole >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", whole/3600, whole/60%60, whole%60)
	}
	return fmt.Sprintf("%02d:%02d", whole/60, whole%60)
}

// figures returns what is measured, the most telling first: a narrow terminal cuts the end off.
func (t Tick) figures() string {
	if t.Total == 0 {
		return "not begun yet"
	}
	parts := []string{quantity.Count(t.Rate) + " of " + quantity.Count(t.Planned) + "/s"}
	if t.P99 > 0 {
		parts = append(parts, "p99 "+quantity.Seconds(t.P99))
	}
	parts = append(parts, tables.Count(t.Errors)+" errors")
	if t.Tightest != "" {
		parts = append(parts, fit.Line(t.Tightest, fit.NameWidth))
	}
	return strings.Join(append(parts, tables.Count(t.Sent)+" sent"), ", ")
}
