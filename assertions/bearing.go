package assertions

import (
	"fmt"
	"time"

	"github.com/prometheus/prometheus/promql/parser/posrange"

	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Bearing is what an assertion says of itself for the judge and for the checks before a run, beyond
// what reports show. They go by this, and never by its type. The zero value is that of an assertion
// about telemetry itself, over a window that its kind needs.
type Bearing struct {
	// Queries are the expressions that are written in it.
	Queries []promql.Query
	// Histograms are the names of histograms that it gives without a query.
	Histograms []string
	// In is its window as it is written, where the file chooses one.
	In diag.Text
	// Limits are what every value of the first query must keep to: a failure is the service's, and
	// the verdict is looked at again when the load was not delivered. Nil for other kinds.
	Limits Limits
	// Alert is set for a rule of a rule file.
	Alert *Firing
	// Abort says whether a breach ends the run.
	Abort Abort
	// RestsOnTelemetry reports that the verdict is drawn from telemetry rather than about it: it is
	// overruled where a metric is untruthful.
	RestsOnTelemetry bool
	// Compares reports that it sets two things beside each other that the service says of itself,
	// so that a finding accuses either.
	Compares bool
	// Sides are two counts that must be equal, with the same labels. Nil for other kinds.
	Sides *Sides
	// Part is the service's histogram that it holds against one that times the whole.
	Part string
	// MayBeMissing reports that it says itself what a metric means that is not exposed.
	MayBeMissing bool
	// Unasked reports that it is made in any run, so that it is nothing that anybody asserted.
	Unasked bool
	// Intake is what must be kept of log events and spans so that it can be judged.
	Intake facts.Wants
}

// Sides are two counts that must be equal.
type Sides struct {
	Reference, Server promql.Query
	// Client reports that the reference is what the client counted.
	Client bool
}

// Firing is how an alert of a rule file fires.
type Firing struct {
	// For is how long its expression must have a value.
	For time.Duration
}

// TooLong returns what of the assertion looks back further than a window of that length lasts, and
// where; nothing when nothing does.
func (a About) TooLong(length time.Duration) (text string, place posrange.PositionRange) {
	if len(a.Queries) == 0 || a.Limits == nil && a.Alert == nil {
		return "", place
	}
	r, ok := a.Queries[0].Reaching(length)
	what, instead := "the expression", r.Instead
	if a.Alert != nil {
		what, instead = "the rule", "lengthen the window, or give the run a rule of its own"
		if pending := a.Alert.For; promql.Beyond(pending, length) {
			r, ok = promql.Reach{What: "for: " + promql.PromDuration(pending)}, true
		}
	}
	if !ok {
		return "", place
	}
	return fmt.Sprintf("%s has %s, and %s lasts %s only: %s", what, r.What, a.Window,
		quantity.Of(length.Seconds(), "s"), instead), r.Place
}
