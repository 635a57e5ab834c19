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

// isSelector reports whether the query is a bare selector, so that ranges can be put on its text.
func (q Query) IsSelector() bool {
	v, ok := q.Expr.(*parser.VectorSelector)
	ranged, err := PromQL.ParseExpr(q.String() + "[1s]")
	return ok && err == nil && ranged.Type() == parser.ValueTypeMatrix && v.String() == bare(v)
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
