package checks

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Shape says that the classic histograms of the service are consistent in themselves, in what they
// counted over the run: a higher bound never has fewer, the last bucket has as many as the count
// says, and the sum is one that such buckets can have. It is written "all", for every histogram
// that was exposed, or as a list of names.
type Shape struct {
	names []promql.HistogramName // none: all
}

// UnmarshalNode implements diag.Unmarshaler.
func (c *Shape) UnmarshalNode(n diag.Node) error {
	if n.IsScalar() && n.Scalar() == "all" {
		return nil
	}
	return n.Decode(&c.names)
}

func (c *Shape) bearing() assertions.Bearing {
	return assertions.Bearing{Histograms: c.metrics()}
}

func (c *Shape) window() string { return facts.Run }

func (c *Shape) metrics() []string {
	out := make([]string, len(c.names))
	for i, name := range c.names {
		out[i] = string(name)
	}
	return out
}

func (c *Shape) query() string {
	if len(c.names) == 0 {
		return "every histogram"
	}
	return strings.Join(c.metrics(), ", ")
}

func (c *Shape) judge(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	names := c.metrics()
	if len(names) == 0 {
		for _, f := range e.Families(w) {
			if f.Type == "histogram" {
				names = append(names, f.Name)
			}
		}
	}
	if len(names) == 0 {
		return []assertions.Finding{{Verdict: assertions.NotApplicable, Text: "there are no histograms"}}, nil
	}
	var findings []assertions.Finding
	for _, name := range names {
		found, err := shapeOf(ctx, e, w, name)
		if err != nil {
			return nil, err
		}
		findings = append(findings, found...)
	}
	return findings, nil
}

// distribution is what one histogram series counted over the run.
type distribution struct {
	labels     map[string]string
	buckets    facts.Answer
	count, sum float64
}

func shapeOf(ctx context.Context, e facts.Evidence, w facts.Window, name string) ([]assertions.Finding, error) {
	series := map[facts.LabelSet]*distribution{}
	at := func(labels map[string]string) *distribution {
		labels = maps.Clone(labels)
		delete(labels, "le")
		key := facts.KeyOf(labels)
		if series[key] == nil {
			series[key] = &distribution{labels: facts.WithoutName(labels), count: math.NaN(), sum: math.NaN()}
		}
		return series[key]
	}
	for _, part := range []struct {
		suffix string
		note   func(facts.Series)
	}{
		{"_bucket", func(s facts.Series) { d := at(s.Labels); d.buckets.Series = append(d.buckets.Series, s) }},
		{"_count", func(s facts.Series) { at(s.Labels).count = s.Value }},
		{"_sum", func(s facts.Series) { at(s.Labels).sum = s.Value }},
	} {
		answer, err := e.Query(ctx, "increase("+promql.SelectorOf(name+part.suffix)+"[range()] anchored)", w)
		if err != nil {
			return nil, err
		}
		for _, s := range answer.Series {
			part.note(s)
		}
	}
	var findings []assertions.Finding
	for _, f := range assertions.InOrder(series, func(d *distribution) assertions.Finding { return d.finding(name) }) {
		if f.Verdict > assertions.Pass {
			findings = append(findings, f)
		}
	}
	if len(series) == 0 && !slices.Contains(promql.Exposed(e, w), name) {
		return []assertions.Finding{assertions.Missing(e, w,
			promql.Selector{Metric: name, Text: promql.SelectorOf(name)})}, nil
	}
	if len(series) == 0 {
		return []assertions.Finding{{Verdict: assertions.NotApplicable, Text: name + " has no classic buckets"}}, nil
	}
	if len(findings) == 0 {
		findings = []assertions.Finding{{Text: fmt.Sprintf("%s: %s consistent", name,
			assertions.Counting(len(series), "histogram"))}}
	}
	return findings, nil
}

func (d *distribution) finding(name string) assertions.Finding {
	f := assertions.Finding{Series: d.labels, Metrics: []string{name}}
	if text := d.flaw(); text != "" {
		f.Verdict, f.Text = assertions.Untruthful, name+": "+facts.Prefix(d.labels, text)
	}
	return f
}

// flaw reports what is wrong with the histogram, and nothing when all is well. A histogram without
// classic buckets has a native one, whose parts cannot disagree.
func (d *distribution) flaw() string {
	buckets := promql.Cumulative(d.buckets)
	if len(buckets) == 0 {
		return ""
	}
	last := buckets[len(buckets)-1]
	if !math.IsInf(last.Bound, 1) {
		return "the last bucket is not +Inf"
	}
	if last.Count != d.count {
		return fmt.Sprintf("the last bucket has %s, the count says %s", quantity.Quantity{Value: last.Count},
			quantity.Quantity{Value: d.count})
	}
	var least, most, before, lower float64
	if buckets[0].Bound < 0 {
		lower = math.Inf(-1) // observations may be negative
	}
	for _, b := range buckets {
		n := b.Count - before
		if n < 0 {
			return fmt.Sprintf("fewer up to %v (%s) than below it (%s)", b.Bound, quantity.Quantity{Value: b.Count},
				quantity.Quantity{Value: before})
		}
		if n > 0 {
			least, most = least+n*lower, most+n*b.Bound
		}
		before, lower = b.Count, max(lower, b.Bound)
	}
	const rounding = 1e-6
	if d.sum < least-rounding*math.Abs(least)-1e-12 || d.sum > most+rounding*math.Abs(most)+1e-12 || math.IsNaN(d.sum) {
		return fmt.Sprintf("the sum %s is not between %s and %s, as the buckets say", quantity.Quantity{Value: d.sum},
			quantity.Quantity{Value: least}, quantity.Quantity{Value: most})
	}
	return ""
}
