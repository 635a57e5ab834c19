package promql

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
)

// selectorOf returns a PromQL selector of a metric, with further matchers as PromQL writes them. A
// name that is no identifier, such as http.server.requests, is quoted.
func SelectorOf(metric string, matchers ...string) string {
	if !model.LegacyValidation.IsValidMetricName(metric) {
		return "{" + strings.Join(append([]string{strconv.Quote(metric)}, matchers...), ", ") + "}"
	}
	if len(matchers) == 0 {
		return metric
	}
	return metric + "{" + strings.Join(matchers, ", ") + "}"
}

// labelList returns the names of labels as PromQL writes them in a list.
func LabelList(names ...string) string {
	written := make([]string, len(names))
	for i, name := range names {
		written[i] = LabelIn(name)
	}
	return strings.Join(written, ", ")
}

// labelIn returns the name of a label as PromQL writes it.
func LabelIn(name string) string {
	if !model.LegacyValidation.IsValidLabelName(name) {
		return strconv.Quote(name)
	}
	return name
}

// aName reports whether a text can be the name of a metric or a label, and not a selector or a list
// of names.
func IsName(text string) bool {
	return model.UTF8Validation.IsValidMetricName(text) && !strings.ContainsAny(text, "{}()[],=\"'` \t\n")
}

func Number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// HistogramName is the name of a histogram family, without _bucket, _count or _sum.
type HistogramName string

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *HistogramName) UnmarshalText(text []byte) error {
	if !IsName(string(text)) {
		return NotMetric(text)
	}
	*h = HistogramName(text)
	return nil
}

func NotMetric(text []byte) error { return fmt.Errorf("want the name of a metric, got %q", text) }

// LabelName is the name of a label.
type LabelName string

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *LabelName) UnmarshalText(text []byte) error {
	if !IsName(string(text)) {
		return fmt.Errorf("want a label name, got %q", text)
	}
	*l = LabelName(text)
	return nil
}
