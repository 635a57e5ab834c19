package record

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"brrtload/assertions"
	"brrtload/internal/evidence"
	"brrtload/internal/facts"
	"brrtload/internal/process"
	"brrtload/internal/signals"
	"brrtload/reports"
	"brrtload/scenarios"
)

// Intake takes the target's log and spans in, and finds secrets in all that it tells.
type Intake struct {
	Screen   *signals.Screen
	output   *signals.Log // of a started target; nil of any other
	file     *signals.Log // that the scenario names; or nil
	events   *signals.Events
	spans    *signals.Spans
	receiver *signals.Receiver
	traces   *scenarios.Traces
	ours     bool // the target is started by us: its log is read from the start, and it exports spans as we ask it to
}

// How long no line and no span must have come to be the last, and how long that is waited for.
const (
	lineStill = 200 * time.Millisecond
	spanStill = 500 * time.Millisecond // twice what a target that we start waits to fill a batch, and more
	// of a target that we did not start: exporters wait for five seconds unless they are told
	// otherwise
	othersStill = 6 * time.Second
	comingTime  = 10 * time.Second
)

// scheduleDelay is how long a target that we start may keep spans to fill a batch, in
// OpenTelemetry's milliseconds.
const scheduleDelay = "100"

// TakeIn prepares the intake that a scenario asks for.
func TakeIn(s *scenarios.Scenario, list []assertions.Assertion, plan *scenarios.Plan, dir string) (*Intake, error) {
	i := &Intake{Screen: signals.NewScreen(s.Secrets()).Name(s.SecretOwners()), traces: s.Traces,
		ours: s.Target.Bundled != nil || len(s.Target.Command) > 0}
	wants := assertions.Intake(list)
	var ofOutput *signals.Events
	if s.Logs != nil {
		i.events = signals.NewEvents(format(s.Logs), wants.Events, s.Logs.Labels)
		if s.Logs.File == "" {
			ofOutput = i.events
		}
	}
	var err error
	if s.Logs != nil && s.Logs.File != "" {
		if i.file, err = signals.Follow(s.Logs.Files(), i.Screen, i.events); err != nil {
			return i, err
		}
		i.file.Start()
	} else if !i.ours {
		i.events = nil // there is no log to read
	}
	if i.ours {
		if i.output, err = signals.Output(Log(dir), i.Screen, ofOutput); err != nil {
			return i, err
		}
		i.output.Start()
	}
	if s.Traces != nil && (i.ours || s.Traces.Listen.Value != "") {
		i.spans = signals.NewSpans(wants, sent(plan), i.Screen)
		i.receiver, err = signals.Listen(cmp.Or(s.Traces.Listen.Value, "127.0.0.1:0"), i.spans)
	}
	return i, err
}

func format(l *scenarios.Logs) signals.Format {
	f := signals.Format{Kind: l.Format.Value, Event: l.Event, Level: l.Level}
	for _, p := range l.Patterns {
		// checked when the scenario was loaded
		f.Patterns = append(f.Patterns, signals.Pattern{Event: p.Event.Value,
			Matches: regexp.MustCompile(p.Pattern.Value)})
	}
	return f
}

func sent(plan *scenarios.Plan) signals.Sent {
	return func(id [16]byte) (uint64, [8]byte, bool) {
		n, trace, ours := plan.Traced(id)
		return n, trace.Parent, ours
	}
}

// Starts has a command's output taken in.
func (i *Intake) Starts(c process.Command) process.Command {
	// the scenario's own win
	c.Output, c.Said, c.Env = i.output.File(), i.output.Said, append(i.environment(), c.Env...)
	return c
}

// environment returns the variables that send the spans of a target that we start to brrtload.
func (i *Intake) environment() []string {
	if i.receiver == nil {
		return nil
	}
	return []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + i.receiver.URL(), // in whichever protocol the target speaks
		"OTEL_TRACES_EXPORTER=otlp", "OTEL_LOGS_EXPORTER=none", "OTEL_METRICS_EXPORTER=none",
		"OTEL_TRACES_SAMPLER=" + i.traces.SamplerName(), "OTEL_BSP_SCHEDULE_DELAY=" + scheduleDelay,
	}
}

// drain reads the logs to their ends.
func (i *Intake) drain() {
	for _, l := range []*signals.Log{i.output, i.file} {
		if l != nil {
			l.Drain()
		}
	}
}

// write adds what was counted to a batch.
func (i *Intake) write(b *evidence.Batch) {
	i.drain()
	b.Add(Named(seriesSecrets), float64(i.Screen.Secrets()))
	if i.events != nil && !i.absent() {
		from := "middle"
		if i.ours {
			from = "start"
		}
		t := i.events.Tally()
		b.AddCounter(Named(seriesLogLines, "from", from), float64(t.Lines))
		b.AddCounter(Named(seriesLogOdd), float64(t.Odd))
		counts(b, seriesLogEvents, t.Counts)
		lost(b, seriesLogLost, t.Lost)
	}
	if i.spans != nil {
		t := i.spans.Tally()
		counts(b, seriesSpans, t.Counts)
		lost(b, seriesSpansLost, t.Lost)
	}
}

// absent reports whether the log that the scenario names has not been there yet. Nothing is known
// of it: not even that it has no events.
func (i *Intake) absent() bool { return i.file != nil && i.file.Absent() }

func counts(b *evidence.Batch, series string, of []signals.Count) {
	for _, c := range of {
		b.AddCounter(Named(series, c.Labels...), float64(c.N))
	}
}

func lost(b *evidence.Batch, series string, by map[string]uint64) {
	b.AddCounter(Named(series), 0)
	for reason, n := range by {
		b.AddCounter(Named(series, "reason", reason), float64(n))
	}
}

// Rest waits until neither lines nor spans come any more. What still comes when time is up is told
// as lost: what is compared with it is in doubt.
func (i *Intake) Rest(ctx context.Context) error {
	deadline := time.Now().Add(comingTime)
	line, lines := time.Now().Add(-lineStill), i.lines()
	for {
		i.drain()
		if n := i.lines(); n != lines {
			line, lines = time.Now(), n
		}
		if time.Since(line) >= lineStill && i.spansStill() {
			return nil
		}
		if time.Now().After(deadline) {
			i.stillComing()
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (i *Intake) lines() uint64 {
	if i.events == nil {
		return 0
	}
	return i.events.Tally().Lines
}

func (i *Intake) spansStill() bool {
	if i.spans == nil {
		return true
	}
	still := spanStill
	if !i.ours {
		still = othersStill
	}
	return time.Since(i.spans.Tally().Last) >= still
}

func (i *Intake) stillComing() {
	const reason = "still_coming"
	if i.events != nil {
		i.events.Lost(reason)
	}
	if i.spans != nil {
		i.spans.Lost(reason)
	}
}

// Close ends the intake once the target has ended, and keeps the shapes of what was seen. It gives
// what a reader of the report must know.
func (i *Intake) Close(store *evidence.Store) (notes []string) {
	if i == nil {
		return nil
	}
	if i.absent() {
		notes = append(notes,
			fmt.Sprintf("the log file %s was never there, so what the service logged is unknown; correct logs.file",
				i.file.Path()))
	}
	for _, l := range []*signals.Log{i.output, i.file} {
		if l == nil {
			continue
		}
		if err := l.Close(); err != nil {
			notes = append(notes, err.Error())
		}
	}
	if i.receiver != nil {
		if err := i.receiver.Close(); err != nil {
			notes = append(notes, err.Error())
		}
		if strange := i.receiver.Strange(); strange != "" {
			notes = append(notes, strange)
		}
		i.spans.Settle()
		keep(store, i.spans.Events())
	}
	if i.events != nil {
		keep(store, i.events.Events())
		if t := i.events.Tally(); t.Odd > 0 {
			notes = append(notes, unfit(t))
		}
	}
	keep(store, i.Screen.Events())
	return notes
}

// reasonsTold is how many reasons a note has room for.
const reasonsTold = 3

// unfit reports in words why lines of a log fit no format.
func unfit(t signals.Tally) string {
	var reasons []string
	for _, r := range t.Reasons[:min(len(t.Reasons), reasonsTold)] {
		reasons = append(reasons, r.String())
	}
	return fmt.Sprintf("%d of %d log lines fit no format: %s; see logs.format, logs.event and logs.patterns of the scenario",
		t.Odd, t.Lines, strings.Join(reasons, "; "))
}

func keep(store *evidence.Store, events []facts.Event) {
	for _, e := range events {
		store.Note(e)
	}
}

// Slowest returns the slowest traces for the report.
func (i *Intake) Slowest() []reports.Trace {
	if i == nil || i.spans == nil {
		return nil
	}
	var out []reports.Trace
	for _, t := range i.spans.Slowest() {
		trace := reports.Trace{ID: t.ID, Seconds: t.Seconds}
		if t.Ours {
			trace.Seq = &t.Seq
		}
		for _, s := range t.Spans {
			trace.Spans = append(trace.Spans, reports.Span{Name: s.Name, Depth: s.Depth, Start: s.Start,
				Seconds: s.Seconds, Error: s.Error})
		}
		out = append(out, trace)
	}
	return out
}

// Log is the copy of what a started target writes to its output.
func Log(dir string) string { return filepath.Join(dir, "target.log") }
