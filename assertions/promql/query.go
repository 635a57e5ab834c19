// Package promql analyses PromQL expressions: what they read, what they rest on, what may be wrong
// with them.
//
// In goes an expression as it is written in a file; a [Query] is one that was checked. Questions
// about series are answered by [facts.Evidence]. Package assertions judges by it.
package promql

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/internal/diag"
)

// Query is a PromQL expression that has been checked: it parses, gives an instant vector or a
// scalar, and uses the anchored modifier only where the engine knows it. The zero value is no
// query.
type Query struct {
	Text diag.Text
	Expr parser.Expr
}

var PromQL = boundedParser{parser.NewParser(parser.Options{EnableExperimentalFunctions: true,
	EnableBinopFillModifiers: true})}

// UnmarshalNode implements diag.Unmarshaler. Mistakes in the expression are shown at their place
// inside the YAML.
func (q *Query) UnmarshalNode(n diag.Node) error {
	if err := n.Decode(&q.Text); err != nil {
		return err
	}
	return q.Parse()
}

// query is for expressions written in this package; one that does not parse is a programming
// mistake.
func Must(expr string) Query {
	q := Query{Text: diag.Text{Value: expr}}
	if err := q.Parse(); err != nil {
		panic("assertions: " + err.Error())
	}
	return q
}

// String returns the expression as it was written.
func (q Query) String() string { return strings.TrimSpace(q.Text.Value) }

// Source returns the expression as it stands in its file, for diagnostics.
func (q Query) Source() diag.Text { return q.Text }

// IsZero reports whether there is no expression.
func (q Query) IsZero() bool { return q.Expr == nil }

func (q *Query) Parse() error {
	expr, err := PromQL.ParseExpr(q.Text.Value)
	var mistakes parser.ParseErrors
	switch {
	case errors.As(err, &mistakes):
		var found diag.List
		for _, m := range mistakes {
			start, end := int(m.PositionRange.Start), int(m.PositionRange.End)
			found = append(found, q.Text.ErrorAt(start, max(1, end-start), "PromQL: %s", m.Err))
		}
		return found.Err()
	case err != nil:
		return q.Text.Errorf("PromQL: %s", err)
	}
	if t := expr.Type(); t != parser.ValueTypeVector && t != parser.ValueTypeScalar {
		return q.Text.Errorf("gives a %s; want an instant vector or a scalar", parser.DocumentedType(t))
	}
	q.Expr = expr
	return q.checkAnchored()
}

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

// isSelector reports whether the query is a bare selector, so that ranges can be put on its text.
func (q Query) IsSelector() bool {
	v, ok := q.Expr.(*parser.VectorSelector)
	ranged, err := PromQL.ParseExpr(q.String() + "[1s]")
	return ok && err == nil && ranged.Type() == parser.ValueTypeMatrix && v.String() == bare(v)
}

func anchoredSafe(function string) bool {
	_, ok := promql.AnchoredSafeFunctions[function]
	return ok
}

// selector is one place of a query that reads stored series.
type Selector struct {
	Metric   string
	Text     string // without range, offset and modifiers
	Matchers []*labels.Matcher
	Required bool // that it matches nothing makes the query meaningless
}

// selectors lists what the query reads, in the order of the text, each once.
func (q Query) Selectors() []Selector {
	var found []Selector
	if q.IsZero() {
		return nil
	}
	parser.Inspect(q.Expr, func(node parser.Node, path []parser.Node) error {
		v, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		s := Selector{MetricName(v), bare(v), v.LabelMatchers, !maybeEmpty(path, node)}
		if i := slices.IndexFunc(found, func(f Selector) bool { return f.Text == s.Text }); i < 0 {
			found = append(found, s)
		} else {
			found[i].Required = found[i].Required || s.Required
		}
		return nil
	})
	return found
}

func bare(v *parser.VectorSelector) string {
	plain := *v
	plain.OriginalOffset, plain.OriginalOffsetExpr, plain.Offset = 0, nil, time.Duration(0)
	plain.Timestamp, plain.StartOrEnd, plain.Anchored, plain.Smoothed = nil, 0, false, false
	return plain.String()
}

func MetricName(v *parser.VectorSelector) string {
	if v.Name != "" {
		return v.Name
	}
	for _, m := range v.LabelMatchers {
		if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual {
			return m.Value
		}
	}
	return ""
}

// maybeEmpty reports whether a node stands where an empty result has a meaning: inside absent(), on
// either side of "or", on the right of "unless". The path leads to it.
func maybeEmpty(path []parser.Node, node parser.Node) bool {
	for i, above := range path {
		below := node
		if i+1 < len(path) {
			below = path[i+1]
		}
		switch n := above.(type) {
		case *parser.Call:
			if strings.HasPrefix(n.Func.Name, "absent") {
				return true
			}
		case *parser.BinaryExpr:
			if n.Op == parser.LOR || n.Op == parser.LUNLESS && below == parser.Node(n.RHS) {
				return true
			}
		}
	}
	return false
}

// metrics lists the metric names that the query rests on, sorted.
func (q Query) Metrics() []string {
	var names []string
	for _, s := range q.Selectors() {
		if s.Metric != "" {
			names = append(names, s.Metric)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
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

// positions lists the selectors of the query, in the order of the text.
func (q Query) positions() []*parser.VectorSelector {
	var found []*parser.VectorSelector
	parser.Inspect(q.Expr, func(node parser.Node, _ []parser.Node) error {
		if v, ok := node.(*parser.VectorSelector); ok {
			found = append(found, v)
		}
		return nil
	})
	return found
}

func extrapolates(function string) bool {
	return slices.Contains([]string{"increase", "rate", "irate", "delta", "idelta", "deriv"}, function)
}

// calls reports whether the query uses one of the functions.
func (q Query) Calls(functions ...string) bool {
	found := false
	parser.Inspect(q.Expr, func(node parser.Node, _ []parser.Node) error {
		if call, ok := node.(*parser.Call); ok && slices.Contains(functions, call.Func.Name) {
			found = true
		}
		return nil
	})
	return found
}

// keepsLabels are the aggregations whose values have other labels than those that they are by.
var keepsLabels = map[parser.ItemType]bool{parser.TOPK: true, parser.BOTTOMK: true, parser.LIMITK: true,
	parser.LIMIT_RATIO: true, parser.COUNT_VALUES: true}

// grouping gives the labels that the query's outermost aggregation is by, sorted, and false when it
// is no aggregation by labels.
func (q Query) Grouping() ([]string, bool) {
	if q.IsZero() {
		return nil, false
	}
	expr := q.Expr
	for {
		inner, ok := expr.(*parser.ParenExpr)
		if !ok {
			break
		}
		expr = inner.Expr
	}
	aggregation, ok := expr.(*parser.AggregateExpr)
	if !ok || aggregation.Without || keepsLabels[aggregation.Op] {
		return nil, false
	}
	return slices.Sorted(slices.Values(aggregation.Grouping)), true
}

// sameGrouping reports whether both sides are aggregated by the same labels.
func SameGrouping(client, server Query) bool {
	c, known := client.Grouping()
	s, both := server.Grouping()
	return known && both && slices.Equal(c, s)
}
