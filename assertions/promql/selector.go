package promql

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

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
