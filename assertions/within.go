package assertions

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"brrtload/internal/diag"
)

// Within says that what Inner times is a part of what Outer times: the service's own duration lies within the client's service time. Inner is a
// classic histogram and Outer a native one. They are compared as cumulative counts at bucket bounds: at every bound at least as many of the
// inner times must lie below it as of the outer times, for no part takes longer than the whole. Interpolated quantiles would compare the
// interpolations.
type Within struct {
	Inner HistogramName `yaml:"inner,required"` // the histogram that lies below: what the service measured
	Outer HistogramName `yaml:"outer,required"` // the histogram that lies above: what the client measured
	// Slack counts the outer times that may have no inner one: hits without an answer.
	Slack Query `yaml:"slack"`
}

// unordered is the share of times that may lie on the wrong side of a bound: a process may be suspended between writing a response and
// reading its clock, and the client then has the response before the service's time is taken.
const unordered = 0.02

func (c *Within) window() string    { return Run }
func (c *Within) metrics() []string { return []string{string(c.Inner)} }
func (c *Within) query() string {
	return fmt.Sprintf("sum by (le) (increase(%s[range()] anchored))", c.Inner.part("_bucket"))
}

func (c *Within) judge(ctx context.Context, e Evidence, w Window) ([]Finding, error) {
	inner, err := e.Query(ctx, c.query(), w)
	if err != nil {
		return nil, err
	}
	names := known(e, w)
	if len(inner.Series) == 0 {
		return []Finding{{Verdict: DoesNotFit, Text: fmt.Sprintf("%s_bucket has no series%s", c.Inner, diag.DidYouMean(string(c.Inner), names))}}, nil
	}
	total, known, err := single(ctx, e, w, query(fmt.Sprintf("histogram_count(sum(increase(%s[range()] anchored)))", c.Outer.part(""))))
	if err != nil {
		return nil, err
	}
	if !known {
		return []Finding{{Verdict: DoesNotFit, Text: fmt.Sprintf("%s has no times to compare%s", c.Outer, diag.DidYouMean(string(c.Outer), append(names, ClientSeries()...)))}}, nil
	}
	slack := math.Ceil(unordered * total)
	if !c.Slack.IsZero() {
		unanswered, _, err := single(ctx, e, w, c.Slack)
		if err != nil {
			return nil, err
		}
		slack += unanswered
	}
	for _, b := range cumulative(inner) {
		if b.bound <= 0 || math.IsInf(b.bound, 1) {
			continue
		}
		// The next power of two below the bound is a bucket bound of every native histogram: the count there is exact, and can only be too small.
		below := math.Exp2(math.Floor(math.Log2(b.bound)))
		outer, known, err := single(ctx, e, w, query(fmt.Sprintf("histogram_fraction(-Inf, %s, sum(increase(%s[range()] anchored)))",
			strconv.FormatFloat(below, 'g', -1, 64), c.Outer.part(""))))
		if err != nil {
			return nil, err
		}
		if n := math.Round(outer * total); known && b.count < n-slack {
			return []Finding{{Verdict: Untruthful, Text: fmt.Sprintf("%s has %s times up to %s, but the client saw %s answers within %s: a part took longer than the whole",
				c.Inner, Quantity{Value: b.count}, Quantity{b.bound, "s"}, Quantity{Value: n}, Quantity{below, "s"})}}, nil
		}
	}
	return []Finding{{Text: fmt.Sprintf("at every bound of %s, no fewer times than the client saw", c.Inner), Samples: inner.Samples}}, nil
}

// bucket is the cumulative count of a classic histogram at one bound.
type bucket struct{ bound, count float64 }

// cumulative gives the buckets of an answer whose series differ by "le" only, in order of their bounds.
func cumulative(a Answer) []bucket {
	var buckets []bucket
	for _, s := range a.Series {
		if bound, err := strconv.ParseFloat(s.Labels["le"], 64); err == nil {
			buckets = append(buckets, bucket{bound, s.Value})
		}
	}
	slices.SortFunc(buckets, func(a, b bucket) int { return cmp.Compare(a.bound, b.bound) })
	return buckets
}
