// Package assertions says what an assertion is, and what is found of it.
//
// An [Assertion] looks at a run's evidence and returns each [Finding]; a [Check] is an assertion with
// its findings, a [Judgement] all checks of a run. The kinds are in packages checks, identities,
// rules and contract, packs reads them from files, and judge holds them against evidence. Nothing
// here opens a connection: package internal/evidence answers the questions, from a run that has just
// ended or from one that `brrtload verify` opens again.
package assertions

import (
	"context"

	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

// Assertion is a statement that must hold of a run.
type Assertion interface {
	About() About
	// Judge looks at the evidence. It gives a finding for every series it looked at, those that
	// passed included, so that a report can show what was measured; an error means that it could
	// not look.
	Judge(ctx context.Context, e facts.Evidence) ([]Finding, error)
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

// Severity reports whether an assertion that does not hold decides the run's verdict.
type Severity string

// The severities. A breached warning is reported and changes nothing else.
const (
	Failing Severity = "fail"
	Warning Severity = "warn"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Severity) UnmarshalText(text []byte) error {
	return diag.Choose(s, text, Failing, Warning)
}

// DeliveryID is the id of the check that the load was delivered, which every run has.
const DeliveryID = "delivery"

// Check is an assertion with its findings.
type Check struct {
	Heading
	Verdict Verdict `json:"verdict"`
	// Reason is the text of the worst finding; in result.json the whole sentence. See
	// [Check.Sentence].
	Reason string `json:"reason"` // in a sentence; the worst finding's text, or why the verdict was overruled
	// Overruled is set where the verdict is not the check's own.
	Overruled *Overruled `json:"overruled,omitempty"` // set where the verdict is not the check's own
	Findings  []Finding  `json:"findings"`
}

// Worst returns the finding to show first: the worst verdict, then the least margin. It is false
// when there is none.
func (c Check) Worst() (Finding, bool) {
	var worst Finding
	for i, f := range c.Findings {
		if i == 0 || f.Verdict > worst.Verdict || f.Verdict == worst.Verdict && tighter(f, worst) {
			worst = f
		}
	}
	return worst, len(c.Findings) > 0
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
