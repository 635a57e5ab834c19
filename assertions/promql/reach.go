package promql

import (
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/parser/posrange"

	"brrtload/internal/diag"
)

// reach is a part of an expression that looks back further than its window lasts: what it gives
// speaks of the time before the window, too, and a rate over five minutes of which three seconds
// had load is a hundredth of the rate.
type Reach struct {
	What    string // "the range 5m"
	Instead string // what to do about it in a budget
	Place   posrange.PositionRange
}

// beyond reports whether a time is longer than a window. The window's edges are scrapes, taken a
// few milliseconds after they are due; so little is no difference.
func Beyond(d, length time.Duration) bool { return d-length > d/100 }

// reaching gives the first part of the query that looks back further than a window of such a
// length, and false when none does. Times that are computed, as range() is, are what they are in
// that window.
func (q Query) Reaching(length time.Duration) (Reach, bool) {
	expr, err := PromQL.ParseExpr(q.Text.Value) // anew: the engine's own preparation changes it
	if err != nil {
		return Reach{}, false // an expression that does not parse was reported
	}
	end := time.Unix(0, 0).Add(length)
	if expr, err = promql.PreprocessExpr(expr, time.Unix(0, 0), end, max(length, time.Millisecond)); err != nil {
		return Reach{}, false // the engine refuses it as well, and says why
	}
	var found Reach
	look := func(what, instead string, d time.Duration, n parser.Node) {
		if Beyond(d, length) && found.What == "" {
			found = Reach{what + " " + model.Duration(d).String(), instead, n.PositionRange()}
		}
	}
	const window, without = "write [range()] for the window", "leave it out, or lengthen the window"
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.MatrixSelector:
			look("the range", window, n.Range, n)
		case *parser.SubqueryExpr:
			look("the range", window, n.Range, n)
			look("the offset", without, n.OriginalOffset, n)
		case *parser.VectorSelector:
			look("the offset", without, n.OriginalOffset, n)
		}
		return nil
	})
	return found, found.What != ""
}

// errorAt makes a diagnostic for a part of the expression; for the whole when the part is none.
func (q Query) ErrorAt(place posrange.PositionRange, text string) diag.Diagnostic {
	if place.End <= place.Start {
		return q.Text.Errorf("%s", text)
	}
	return q.Text.ErrorAt(int(place.Start), int(place.End-place.Start), "%s", text)
}

// promDuration writes a duration as Prometheus does.
func PromDuration(d time.Duration) string { return model.Duration(d).String() }
