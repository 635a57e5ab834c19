package promql

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/internal/diag"
)

// checkAnchored finds early what the engine would refuse only while it evaluates.
func (q *Query) checkAnchored() error {
	var found diag.List
	parser.Inspect(q.Expr, func(node parser.Node, path []parser.Node) error {
		selector, ok := node.(*parser.VectorSelector)
		if !ok || !selector.Anchored {
			return nil
		}
		if call, ok := enclosingCall(path); !ok || !anchoredSafe(call.Func.Name) {
			place := selector.PositionRange()
			found = append(found, q.Text.ErrorAt(int(place.Start), int(place.End-place.Start),
				"anchored works only inside changes, delta, increase, rate and resets"))
		}
		return nil
	})
	return found.Err()
}

func enclosingCall(path []parser.Node) (*parser.Call, bool) {
	for _, node := range slices.Backward(path) {
		if call, ok := node.(*parser.Call); ok {
			return call, true
		}
	}
	return nil, false
}

func anchoredSafe(function string) bool {
	_, ok := promql.AnchoredSafeFunctions[function]
	return ok
}

// substitutes finds "or vector(...)", a constant in place of missing data, and says what to do
// instead.
func (q Query) Substitutes(instead string) (diag.Diagnostic, bool) {
	var found *parser.BinaryExpr
	if q.IsZero() {
		return diag.Diagnostic{}, false
	}
	parser.Inspect(q.Expr, func(node parser.Node, _ []parser.Node) error {
		if b, ok := node.(*parser.BinaryExpr); ok && b.Op == parser.LOR && (isConstant(b.LHS) || isConstant(b.RHS)) {
			found = b
		}
		return nil
	})
	if found == nil {
		return diag.Diagnostic{}, false
	}
	place := found.PositionRange()
	return q.Text.ErrorAt(int(place.Start), int(place.End-place.Start),
		`"or vector(...)" hides missing data; %s`, instead), true
}

func isConstant(expr parser.Expr) bool {
	switch e := expr.(type) {
	case *parser.ParenExpr:
		return isConstant(e.Expr)
	case *parser.Call:
		return e.Func.Name == "vector"
	}
	return false
}

// inexact finds what cannot be an exact count: a rate, or an increase that extrapolates because it
// is not anchored.
func (q Query) Inexact() diag.List {
	var found diag.List
	if q.IsZero() {
		return nil
	}
	parser.Inspect(q.Expr, func(node parser.Node, path []parser.Node) error {
		v, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		call, ok := enclosingCall(path)
		if !ok || (call.Func.Name == "increase" && v.Anchored) || !extrapolates(call.Func.Name) {
			return nil
		}
		place := call.PositionRange()
		found = append(found, q.Text.ErrorAt(int(place.Start), int(place.End-place.Start),
			"not an exact count; use increase(METRIC[range()] anchored)"))
		return nil
	})
	return found
}

// bareCounters finds counters whose value is read, which counts from the start of the process,
// where the client counts from the start of the run.
func (q Query) BareCounters() diag.List {
	var found diag.List
	if q.IsZero() {
		return nil
	}
	parser.Inspect(q.Expr, func(node parser.Node, path []parser.Node) error {
		if v, ok := node.(*parser.VectorSelector); ok && q.bareCounter(v, path) {
			place := v.PositionRange()
			found = append(found, q.Text.ErrorAt(int(place.Start), int(place.End-place.Start),
				"the value of a counter counts from the start of the process; use increase(%s[range()] anchored)", bare(v)))
		}
		return nil
	})
	return found
}

// bareCounter reports whether a selector reads the value of a counter, by its name, where it
// counts: not as a range, not beside its value at another time, and not where series alone are
// counted.
func (q Query) bareCounter(v *parser.VectorSelector, path []parser.Node) bool {
	name := MetricName(v)
	counts := VocabularyOfClient(Client{}).Metrics[name].native
	for _, suffix := range []string{"_total", "_count", "_sum", "_bucket"} {
		counts = counts || strings.HasSuffix(name, suffix)
	}
	for _, node := range path {
		switch n := node.(type) {
		case *parser.MatrixSelector, *parser.SubqueryExpr:
			return false
		case *parser.AggregateExpr:
			if n.Op == parser.COUNT || n.Op == parser.GROUP || n.Op == parser.COUNT_VALUES {
				return false
			}
		}
	}
	if !counts {
		return false
	}
	for _, other := range q.positions() {
		if MetricName(other) == name && (other.OriginalOffset != 0 || other.OriginalOffsetExpr != nil ||
			other.Timestamp != nil || other.StartOrEnd != 0) {
			return false
		}
	}
	return true
}

func extrapolates(function string) bool {
	return slices.Contains([]string{"increase", "rate", "irate", "delta", "idelta", "deriv"}, function)
}
