package facts

import (
	"context"
	"iter"
	"time"
)

// Evidence is the facts that assertions are judged on. Package internal/evidence implements it on
// an embedded Prometheus TSDB; tests may implement it with less. Its methods are safe for
// concurrent use once the run is over.
type Evidence interface {
	// Window gives a named stretch of the run, and false when one of its edge scrapes is missing:
	// what rests on it is then inconclusive, and the window has its name and why. Names are [Run],
	// the phases ("warm-up", "steady", "drain", "idle") and the stages.
	Window(name string) (Window, bool)

	// Query evaluates a PromQL expression as a range query from w.Start to w.End in a single step,
	// and gives the point at w.End, so that [range()], @ start() and @ end() all mean the window.
	// Errors are the engine's.
	Query(ctx context.Context, expr string, w Window) (Answer, error)

	// Families gives the metadata of every family that was exposed in the window, sorted by
	// endpoint and name. A family whose type, help or unit changed in the window is there once for
	// each, in order of time.
	Families(w Window) []Family

	// Events gives the events that began in the window, in order of time.
	Events(w Window) iter.Seq[Event]
}

// Undecided is an error of a question that the evidence cannot answer, for a reason that is no
// mistake of anybody's. What asks it is inconclusive.
type Undecided struct{ Why string }

// Error implements error.
func (u Undecided) Error() string { return u.Why }

// Unfit is an error of an expression that cannot be evaluated on the series there are, such as one
// whose two sides match in several ways. What asks it does not fit.
type Unfit struct{ Why string }

// Error implements error.
func (u Unfit) Error() string { return u.Why }

// Run names the window of the whole run: from the baseline scrape t0 to the final scrape t1, every
// hit included.
const Run = "run"

// Steady names the window that budgets are judged in unless they say otherwise: the load after
// warm-up.
const Steady = "steady"

// Idle names the window from the final scrape to the idle scrape.
const Idle = "idle"

// Scraped names the stretch from the first scrape to the last, whether they could be read or not.
const Scraped = "scraped"

// Window is a stretch of a run whose edges are scrapes.
type Window struct {
	Name  string    `json:"name"`
	Start time.Time `json:"start,omitzero"`
	End   time.Time `json:"end,omitzero"`
	// Missing says which edge scrape is missing and why, where one is.
	Missing string `json:"missing,omitempty"`
}

// Answer is what a query gave: one value a series (a scalar is one series without labels), sorted
// by labels.
type Answer struct {
	Series []Series
	// Samples is how many stored samples the evaluation read.
	Samples int
	// Warnings are the engine's, sorted: each says that something may be missing from the answer.
	Warnings []string
}

// Series is one labelled value.
type Series struct {
	Labels map[string]string
	Value  float64
}

// Family is the metadata of one metric family at one endpoint, over the scrapes of a window.
type Family struct {
	Endpoint string              `json:"endpoint"`
	Name     string              `json:"name"`
	Type     string              `json:"type"` // counter, gauge, histogram, summary, unknown
	Help     string              `json:"help,omitempty"`
	Unit     string              `json:"unit,omitempty"`
	Labels   map[string][]string `json:"labels,omitempty"` // label name to values seen, sorted, at most MaxLabelValues each
	Series   int                 `json:"series"`           // the most series exposed in one scrape
	Scrapes  int                 `json:"scrapes"`          // scrapes that had the family
	// Added are labels that are not the service's: a server that scraped it put them on every series.
	// Such a server knows types and help texts of most families, not of all.
	Added []string `json:"added,omitempty"`
	// First and Last are the scrapes of the window between which it was seen.
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
}

// MaxLabelValues bounds the values kept of one label.
const MaxLabelValues = 200

// Event stands for log events, traces or secrets found that are alike in what assertions look at:
// see [FromLog], [FromTrace] and [FromScreen].
type Event struct {
	Time   time.Time         `json:"time"` // of the first
	Source string            `json:"source"`
	Name   string            `json:"name,omitempty"`
	Fields map[string]string `json:"fields,omitempty"`
	Count  uint64            `json:"count"` // how many it stands for
}

// sum returns the sum of all values.
func (a Answer) Sum() float64 {
	sum := 0.0
	for _, s := range a.Series {
		sum += s.Value
	}
	return sum
}
