package checks

import (
	"context"
	"fmt"
	"math"

	"github.com/prometheus/prometheus/model/labels"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Within says that what Inner times is a part of what Outer times: the service's own duration lies
// within the client's service time. Inner is a classic histogram and Outer a native one. They are
// compared as cumulative counts at bucket bounds: at every bound at least as many of the inner
// times must lie below it as of the outer times, for no part takes longer than the whole.
// Interpolated quantiles would compare the interpolations. The other direction is held for slow
// requests: see [Within.faster].
type Within struct {
	Inner promql.Histogram `yaml:"inner,required"` // the histogram that lies below, or a selector of it: what the service measured
	Outer promql.Histogram `yaml:"outer,required"` // the histogram that lies above, or a selector of it: what the client measured
	// Slack counts the outer times that may have no inner one. Hits without an answer are known,
	// and need not be counted.
	Slack promql.Query `yaml:"slack"`
}

// unordered is the share of times that may lie on the wrong side of a bound: a process may be
// suspended between writing a response and reading its clock, and the client then has the response
// before the service's time is taken.
const unordered = 0.02

// The whole answer to a HEAD is its header: a handler may go on after the client has it.
var (
	noHead = labels.MustNewMatcher(labels.MatchNotEqual, "method", "HEAD")
	head   = labels.MustNewMatcher(labels.MatchEqual, "method", "HEAD")
)

func (c *Within) bearing() assertions.Bearing {
	return assertions.Bearing{Queries: []promql.Query{c.Slack}, Histograms: []string{c.Inner.Name(), c.Outer.Name()},
		Part: c.Inner.Name()}
}

func (c *Within) window() string    { return facts.Run }
func (c *Within) metrics() []string { return []string{c.Inner.Name()} }
func (c *Within) query() string {
	return fmt.Sprintf("sum by (le) (increase(%s[range()] anchored))", c.Inner.Part("_bucket"))
}

// byClient reports whether the outer times are the client's.
func (c *Within) byClient() bool { return facts.OfClient(c.Outer.Name()) }

// outer returns the outer times, without those of HEAD.
func (c *Within) outer() string {
	if c.byClient() {
		return c.Outer.Part("", noHead)
	}
	return c.Outer.Part("")
}

// hits returns the selector of the client's hits that have an outer time.
func (c *Within) hits(also ...*labels.Matcher) string {
	return promql.Selecting(hitsTotal, append(c.Outer.Matchers(), also...))
}

const hitsTotal = "brrtload_hits_total"

// compared is what the two histograms counted.
type compared struct {
	inner      []promql.Bucket
	timed      float64 // by the inner histogram
	total      float64 // outer times, without those of HEAD
	answered   float64 // outer times that may have an inner one, with those of HEAD
	unanswered float64
	samples    int
}

// untimed returns how many answers have no inner time.
func (c compared) untimed() float64 { return max(0, c.answered-c.timed) }

func (c *Within) judge(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	both, trouble, err := c.ask(ctx, e, w)
	if err != nil || trouble != nil {
		return trouble, err
	}
	if text, err := c.slower(ctx, e, w, both); err != nil || text != "" {
		return []assertions.Finding{{Verdict: assertions.Untruthful, Text: text, Samples: both.samples}}, err
	}
	if f, err := c.faster(ctx, e, w, both); err != nil {
		return nil, err
	} else if f != nil {
		return []assertions.Finding{*f}, nil
	}
	f := assertions.Finding{Text: fmt.Sprintf("at every bound of %s, no fewer times than the client saw", c.Inner),
		Samples: both.samples}
	if n := both.untimed(); n > 0 {
		f.Text = fmt.Sprintf("%s timed of %s answered: %s", quantity.Quantity{Value: both.timed},
			quantity.Quantity{Value: both.answered}, notTimed(n))
		if n > unordered*both.answered {
			f.Verdict = assertions.Inconclusive
			advice, err := c.namely(ctx, e, w, n)
			if err != nil {
				return nil, err
			}
			f.Text += advice
		}
	}
	return []assertions.Finding{f}, nil
}

func notTimed(n float64) string {
	if n == 1 {
		return "1 was not timed"
	}
	return quantity.Quantity{Value: n}.String() + " were not timed"
}

// ask returns what the histograms counted, or a finding where there is nothing to compare.
func (c *Within) ask(ctx context.Context, e facts.Evidence, w facts.Window) (compared, []assertions.Finding, error) {
	inner, err := e.Query(ctx, c.query(), w)
	if err != nil {
		return compared{}, nil, err
	}
	names := promql.Exposed(e, w)
	both := compared{inner: promql.Cumulative(inner), samples: inner.Samples}
	if len(both.inner) == 0 {
		return both, []assertions.Finding{{Verdict: assertions.DoesNotFit,
				Text: fmt.Sprintf("%s has no series%s", c.Inner.Part("_bucket"), diag.DidYouMean(c.Inner.Name(), names))}},
			nil
	}
	both.timed = both.inner[len(both.inner)-1].Count
	total, known, err := promql.Single(ctx, e, w,
		promql.Must(fmt.Sprintf("histogram_count(sum(increase(%s[range()] anchored)))", c.outer())))
	if err != nil {
		return both, nil, err
	}
	if !known {
		return both, []assertions.Finding{{Verdict: assertions.DoesNotFit,
			Text: fmt.Sprintf("%s has no times to compare%s", c.Outer,
				diag.DidYouMean(c.Outer.Name(), append(names, promql.ClientSeries()...)))}}, nil
	}
	both.total, both.answered = total, total
	if c.byClient() {
		heads, _, err := promql.Single(ctx, e, w,
			promql.Must(fmt.Sprintf("histogram_count(sum(increase(%s[range()] anchored)))", c.Outer.Part("", head))))
		if err != nil {
			return both, nil, err
		}
		lost := labels.MustNewMatcher(labels.MatchNotEqual, "outcome", "answered")
		both.unanswered, _, err = promql.Single(ctx, e, w,
			promql.Must(fmt.Sprintf("sum(increase(%s[range()] anchored))", c.hits(lost))))
		if err != nil {
			return both, nil, err
		}
		both.answered += heads
	}
	slack, missing, err := promql.SumOf(ctx, e, w, c.Slack)
	if err != nil {
		return both, nil, err
	}
	if missing != "" {
		return both, []assertions.Finding{{Verdict: assertions.Inconclusive,
			Text: missing + ": how many times may be missing is not known"}}, nil
	}
	both.unanswered = max(both.unanswered, slack)
	both.answered -= both.unanswered
	return both, nil, nil
}

// slower returns what is wrong where an inner time is longer than the outer one.
func (c *Within) slower(ctx context.Context, e facts.Evidence, w facts.Window, both compared) (string, error) {
	slack := math.Ceil(unordered*both.total) + both.unanswered + both.untimed()
	for _, b := range both.inner {
		if b.Bound <= 0 || math.IsInf(b.Bound, 1) {
			continue
		}
		// The next power of two below the bound is a bucket bound of every native histogram: the
		// count there is exact, and can only be too small.
		below := math.Exp2(math.Floor(math.Log2(b.Bound)))
		outer, known, err := promql.Single(ctx, e, w,
			promql.Must(fmt.Sprintf("histogram_fraction(-Inf, %s, sum(increase(%s[range()] anchored)))",
				promql.Number(below), c.outer())))
		if err != nil {
			return "", err
		}
		if n := math.Round(outer * both.total); known && b.Count < n-slack {
			return fmt.Sprintf("%s has %s times up to %s, but the client saw %s answers within %s: a part took longer than the whole",
				c.Inner, quantity.Quantity{Value: b.Count}, quantity.Of(b.Bound,
					"s"), quantity.Quantity{Value: n}, quantity.Of(below, "s")), nil
		}
	}
	return "", nil
}

// namely reports which hits the untimed ones may be: those of a request, or with a status, that are
// as many.
func (c *Within) namely(ctx context.Context, e facts.Evidence, w facts.Window, untimed float64) (string, error) {
	if !c.byClient() {
		return "", nil
	}
	answered := labels.MustNewMatcher(labels.MatchEqual, "outcome", "answered")
	for _, label := range []string{"request", "status"} {
		answer, err := e.Query(ctx, fmt.Sprintf("sum by (%s) (increase(%s[range()] anchored))", label,
			c.hits(answered)), w)
		if err != nil {
			return "", err
		}
		for _, s := range answer.Series {
			switch value := s.Labels[label]; {
			case s.Value != untimed:
			case label == "request":
				return fmt.Sprintf(", as many as the hits of %q; leave them out with outer: %s",
					value, c.Outer.Part("", labels.MustNewMatcher(labels.MatchNotEqual, label, value))), nil
			default:
				return fmt.Sprintf(", as many as answers with %s; leave their requests out of outer", value), nil
			}
		}
	}
	return "; leave out of outer the requests that are not timed", nil
}
