package promql

import (
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

// Histogram is a histogram family by its name, without _bucket, _count or _sum, or a selector of
// some of its series: http_request_duration_seconds{route="export"}.
type Histogram struct{ Query }

// UnmarshalNode implements diag.Unmarshaler.
func (h *Histogram) UnmarshalNode(n diag.Node) error {
	if err := n.Decode(&h.Text); err != nil {
		return err
	}
	if IsName(h.Text.Value) {
		h.Text.Value = SelectorOf(h.Text.Value)
	}
	if err := h.Parse(); err != nil {
		return err
	}
	if !h.IsSelector() || h.Name() == "" {
		return h.Text.Errorf(`want a histogram: NAME, or NAME{label="value"}`)
	}
	return nil
}

// Name returns the name of the family.
func (h Histogram) Name() string { return MetricName(h.Expr.(*parser.VectorSelector)) }

// part returns the selector of the histogram's series with a suffix, such as _bucket, and of them
// those that match.
func (h Histogram) Part(suffix string, also ...*labels.Matcher) string {
	return Selecting(h.Name()+suffix, append(h.Matchers(), also...))
}

// matchers returns what the selector asks of labels.
func (h Histogram) Matchers() []*labels.Matcher {
	return slices.DeleteFunc(slices.Clone(h.Expr.(*parser.VectorSelector).LabelMatchers),
		func(m *labels.Matcher) bool { return m.Name == model.MetricNameLabel })
}

// selecting returns the selector of a metric with those matchers.
func Selecting(metric string, matchers []*labels.Matcher) string {
	texts := make([]string, len(matchers))
	for i, m := range matchers {
		texts[i] = m.String()
	}
	return SelectorOf(metric, texts...)
}

// ownHistogram reports whether an expression reads nothing but the client's series.
func ownHistogram(expr parser.Expr) bool {
	own := true
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if v, ok := node.(*parser.VectorSelector); ok && !facts.OfClient(MetricName(v)) {
			own = false
		}
		return nil
	})
	return own
}
