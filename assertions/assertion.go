// Package assertions says what must hold of a run, and judges it.
//
// In go YAML files of budgets and identities and the run's [Evidence]; out comes a [Judgement]. A kind of assertion is a file here and a line in
// the slice of kinds. This package never opens a connection: package internal/evidence answers its questions, from a run
// that has just ended or from one re-opened by `brrtload verify`.
package assertions

import (
	"context"
	"fmt"
	"strings"

	"brrtload/internal/diag"
)

// Assertion is a statement that must hold of a run.
type Assertion interface {
	About() About
	// Judge looks at the evidence. It gives a finding for every series it looked at, those that passed included, so that a report can show
	// what was measured; an error means that it could not look.
	Judge(ctx context.Context, e Evidence) ([]Finding, error)
}

// About is what an assertion says of itself before any evidence.
type About struct {
	Heading
	Bearing
}

// Heading is what a report shows of an assertion.
type Heading struct {
	ID       string        `json:"id"`
	Kind     string        `json:"kind"` // budget, identity, ...
	Why      string        `json:"why,omitempty"`
	Severity Severity      `json:"severity"`
	Window   string        `json:"window"`          // the window's name
	Query    string        `json:"query,omitempty"` // the query as run; an identity's server side
	Position diag.Position `json:"position,omitzero"`
	// Metrics are the names of the metrics that it rests on. The taint rule follows them.
	Metrics []string `json:"metrics,omitempty"`
}

// Severity tells whether an assertion that does not hold decides the run's verdict.
type Severity string

// The severities. A breached warning is reported and changes nothing else.
const (
	Failing Severity = "fail"
	Warning Severity = "warn"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Severity) UnmarshalText(text []byte) error {
	return choose(s, text, Failing, Warning)
}

// choose reads one of a few words, and names them all when it is another.
func choose[T ~string](to *T, text []byte, words ...T) error {
	for _, word := range words {
		if string(word) == string(text) {
			*to = word
			return nil
		}
	}
	known := make([]string, len(words))
	for i, word := range words {
		known[i] = string(word)
	}
	return fmt.Errorf("want %s, got %q%s", strings.Join(known, ", "), text, diag.DidYouMean(string(text), known))
}

// Finding is what was seen of one series, or one thing found wrong.
type Finding struct {
	Verdict Verdict           `json:"verdict"`
	Series  map[string]string `json:"series,omitempty"`
	// Text says it in a sentence.
	Text string `json:"text"`
	// Measured and the limit it was held against, in base units (seconds, bytes, ratio, count).
	Measured *float64 `json:"measured,omitempty"`
	Operator string   `json:"operator,omitempty"`
	Limit    *float64 `json:"limit,omitempty"`
	Unit     string   `json:"unit,omitempty"` // "s", "B", "ratio" or "": how a person wants to read it
	// Margin is the room left as a share of the limit: 0.25 is a quarter below it, negative is a breach. Nil where the limit is 0.
	Margin *float64 `json:"margin,omitempty"`
	// Samples is how many stored samples the measured value was computed from.
	Samples int `json:"samples,omitempty"`
	// Count is set by identities.
	Count *Count `json:"count,omitempty"`
	// Metrics are the ones that an untruthful finding accuses. Without them it accuses all that the assertion rests on.
	Metrics []string `json:"metrics,omitempty"`
}

// Count is the two sides of an identity. Server must lie in [Client, Client+Ambiguous]; exact when Ambiguous is 0.
type Count struct {
	Client     float64 `json:"client"`
	Ambiguous  float64 `json:"ambiguous,omitempty"`
	Server     float64 `json:"server"`
	Difference float64 `json:"difference"` // distance of Server from the interval, signed; 0 when inside
}

// Check is an assertion with its findings.
type Check struct {
	Heading
	Verdict Verdict `json:"verdict"`
	// Reason is the text of the worst finding; in result.json the whole sentence. See [Check.Sentence].
	Reason string `json:"reason"` // in a sentence; the worst finding's text, or why the verdict was overruled
	// Overruled is set where the verdict is not the check's own.
	Overruled *Overruled `json:"overruled,omitempty"` // set where the verdict is not the check's own
	Findings  []Finding  `json:"findings"`
}

// Worst gives the finding to show first: the worst verdict, then the least margin. It is false when there is none.
func (c Check) Worst() (Finding, bool) {
	var worst Finding
	for i, f := range c.Findings {
		if i == 0 || f.Verdict > worst.Verdict || f.Verdict == worst.Verdict && tighter(f, worst) {
			worst = f
		}
	}
	return worst, len(c.Findings) > 0
}

func tighter(f, g Finding) bool {
	return f.Margin != nil && (g.Margin == nil || *f.Margin < *g.Margin)
}

// Judgement is the outcome for a whole run.
type Judgement struct {
	Verdict Verdict
	// Reason says in one sentence why, without the verdict.
	Reason string
	// By is the id of the check that decided; empty when none did.
	By     string
	Checks []Check
}
