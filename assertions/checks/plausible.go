package checks

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// overflow is a number that no measurement gives: the end of an integer type, or a step below 0 of
// one without a sign.
type overflow struct {
	value float64
	is    string
}

// overflows are those of integers of 64 bits, in the units that they are turned from: nanoseconds,
// microseconds and milliseconds in seconds.
var overflows = []overflow{
	{1 << 64, "2^64"}, {1 << 63, "2^63"}, {-1 << 63, "-2^63"},
	{(1 << 64) / 1e9, "2^64 ns"}, {(1 << 63) / 1e9, "2^63 ns"}, {(-1 << 63) / 1e9, "-2^63 ns"},
	{(1 << 64) / 1e6, "2^64 µs"}, {(1 << 63) / 1e6, "2^63 µs"}, {(1 << 64) / 1e3, "2^64 ms"}, {(1 << 63) / 1e3, "2^63 ms"},
}

// unlimited is how limits and extremes are named, of which the end of a type, or -1, says that
// there is none.
var unlimited = regexp.MustCompile(`(^|_)(max|min|limit|limits|quota|capacity|threshold|bound|watermark)(_|$)`)

// moment is how points in time are named, of which the end of a type says never, in whatever unit.
var moment = regexp.MustCompile(`(^|_)((start|end|min|max|last|first|lowest|highest|oldest|newest)_time|timestamp|deadline|expiry|expires|expiration|until|since|epoch|offset|horizon)(_|$)`)

// plausible finds values that are no measurements: the end of an integer type, in any unit, and a
// counter below 0. It goes by the end of the run: a minimum may be at the end of its type until
// there is a first value.
func (x *Exposition) plausible(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	values, err := everything(ctx, e, w)
	if err != nil {
		return nil, err
	}
	names, counters := levels(e, w, "gauge", "counter", "histogram", "summary", "unknown"), cumulatives(e, w)
	var findings []assertions.Finding
	for _, s := range values {
		name := s.Labels["__name__"]
		if !slices.Contains(names, name) || x.excepts(name) || facts.OfRuntime(facts.FamilyOf(name)) {
			continue
		}
		if text := implausible(name, s.Value, slices.Contains(counters, name)); text != "" {
			findings = append(findings, about(s, text))
		}
	}
	if len(findings) == 0 {
		findings = []assertions.Finding{{Text: fmt.Sprintf("no value of %s is the end of a type",
			assertions.Counting(len(names), "metric"))}}
	}
	return findings, nil
}

// implausible reports why a value is no measurement, or nothing.
func implausible(name string, value float64, counter bool) string {
	for _, o := range overflows {
		if near := math.Abs(value-o.value) <= 1e-9*math.Abs(o.value); !near { // NaN is near nothing
			continue
		}
		if whole := math.Abs(o.value) >= 1<<63; whole && unlimited.MatchString(name) || moment.MatchString(name) {
			return ""
		}
		return fmt.Sprintf("%s is %s, which is %s: an integer that was not set, or went below 0", name,
			promql.Number(value), o.is)
	}
	if counter && value < 0 {
		return fmt.Sprintf("%s is %s, and nothing can be counted below 0", name, promql.Number(value))
	}
	return ""
}

// levels lists the metrics of families of these types by the names that their samples have, sorted;
// of histograms and summaries the count and the sum.
func levels(e facts.Evidence, w facts.Window, types ...string) []string {
	var names []string
	for _, f := range e.Families(w) {
		switch {
		case facts.OfClient(f.Name) || !slices.Contains(types, f.Type):
		case f.Type == "histogram", f.Type == "summary":
			names = append(names, f.Name+"_count", f.Name+"_sum")
		default:
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// everything returns the last value of every series but of buckets. Native histograms have no
// value, and sort leaves them out.
func everything(ctx context.Context, e facts.Evidence, w facts.Window) ([]facts.Series, error) {
	answer, err := e.Query(ctx, `sort({__name__!="",le=""})`, w)
	return answer.Series, err
}

// about returns the finding that a series is untrue.
func about(s facts.Series, text string) assertions.Finding {
	return assertions.Finding{Verdict: assertions.Untruthful, Series: facts.WithoutName(s.Labels),
		Metrics: []string{s.Labels["__name__"]}, Text: facts.Prefix(facts.WithoutName(s.Labels), text)}
}

// manyTimes is how many observations show whether a histogram can tell them apart, and allInOne the
// share in one bucket of one that cannot.
const manyTimes, allInOne = 50, 0.999

// fine is how many times its lower bound the upper one of a bucket is, at most, that tells a time
// as exactly as usual: 2.5, and what is rounded off where that is written in binary.
const fine = 2.5 * (1 + 1e-9)

// measured finds what says nothing though it is well formed: a gauge without a number, times that
// are all in one bucket, times of exactly 0.
func (x *Exposition) measured(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	values, err := everything(ctx, e, w)
	if err != nil {
		return nil, err
	}
	gauges := levels(e, w, "gauge")
	var findings []assertions.Finding
	for _, s := range values {
		name := s.Labels["__name__"]
		switch {
		case !slices.Contains(gauges, name), x.excepts(name), facts.OfRuntime(name):
		case math.IsNaN(s.Value):
			findings = append(findings, about(s, name+" is NaN: a budget on it neither holds nor fails"))
		case s.Value < 0 && promql.IsQueue(name) && !belowZero.MatchString(name) && !unlimited.MatchString(name):
			findings = append(findings, about(s, fmt.Sprintf("%s is %s, and no fewer than none are in flight or wait",
				name, promql.Number(s.Value))))
		case s.Value == -1 && size(name) && !unlimited.MatchString(name):
			findings = append(findings, about(s,
				name+" is -1, and sizes and times are not below 0: leave out what is not known"))
		}
	}
	for _, f := range e.Families(w) {
		if f.Type != "histogram" || !duration(f) || x.excepts(f.Name) || facts.OfRuntime(f.Name) ||
			facts.OfClient(f.Name) {
			continue
		}
		for _, look := range []func(context.Context, facts.Evidence, facts.Window, string) (string, error){inOneBucket, zeros} {
			text, err := look(ctx, e, w, f.Name)
			if err != nil {
				return nil, err
			}
			if text != "" {
				findings = append(findings, assertions.Finding{Verdict: assertions.Untruthful,
					Metrics: []string{f.Name}, Text: text})
			}
		}
	}
	if len(findings) == 0 {
		findings = []assertions.Finding{{Text: "every gauge is a number, and histograms tell times apart"}}
	}
	return findings, nil
}

// size reports whether a name is that of a size or a time.
func size(name string) bool {
	return strings.HasSuffix(name, "_bytes") || strings.HasSuffix(name, "_seconds") && !belowZero.MatchString(name)
}

// belowZero is how times are named that may be below 0.
var belowZero = regexp.MustCompile(`(^|_)(offset|skew|drift|delta|difference|diff|remaining|until|timestamp|time|expiry)(_|$)`)

// duration reports whether a histogram is one of times.
func duration(f facts.Family) bool {
	return f.Unit == "seconds" ||
		regexp.MustCompile(`_(milli|micro|nano)?seconds$|_duration|_latency`).MatchString(f.Name)
}

// inOneBucket finds a histogram with bounds that do not fit what it observes: nearly all times are in
// one coarse bucket, and the client waited less than the bound below it, or above it for the first.
// A service that takes as long each time, is quick or slow has such a bucket as well, and is honest.
func inOneBucket(ctx context.Context, e facts.Evidence, w facts.Window, name string) (string, error) {
	answer, err := e.Query(ctx, fmt.Sprintf("sum by (le) (increase(%s[range()] anchored))",
		promql.SelectorOf(name+"_bucket")), w)
	if err != nil {
		return "", err
	}
	from, to, total := crowded(promql.Cumulative(answer))
	if total == 0 || to.Bound <= fine*from.Bound { // the bounds say how long it takes
		return "", nil
	}
	bound, where := from.Bound, fmt.Sprintf("between %s and %s", promql.Number(from.Bound), promql.Number(to.Bound))
	switch {
	case math.IsInf(to.Bound, 1):
		where = "above " + promql.Number(from.Bound)
	case from.Bound <= 0:
		bound, where = to.Bound, "up to "+promql.Number(to.Bound)
	}
	less, err := waitedLess(ctx, e, w, bound/promql.PerSecond(name))
	if err != nil || !less {
		return "", err
	}
	return fmt.Sprintf("%s: %s of %s times are in one bucket, %s; a quantile of it is made of the bounds alone: choose others, or look at the unit",
		name, quantity.Quantity{Value: to.Count - from.Count}, quantity.Quantity{Value: total}, where), nil
}

// crowded returns the ends of the one bucket that has nearly all of many observations, and how many
// these are; 0 when there is none.
func crowded(buckets []promql.Bucket) (from, to promql.Bucket, total float64) {
	if len(buckets) < 2 || buckets[len(buckets)-1].Count < manyTimes {
		return from, to, 0
	}
	total, from.Bound = buckets[len(buckets)-1].Count, math.Inf(-1)
	for _, b := range buckets {
		if b.Count-from.Count >= allInOne*total {
			return from, b, total
		}
		from = b
	}
	return promql.Bucket{}, promql.Bucket{}, 0
}

// waitedLess reports whether the client waited less than that many seconds for nearly all of its
// answers.
func waitedLess(ctx context.Context, e facts.Evidence, w facts.Window, seconds float64) (bool, error) {
	share, known, err := promql.Single(ctx, e, w, promql.Must(fmt.Sprintf(
		"histogram_fraction(0, %g, sum(increase(brrtload_service_seconds[range()] anchored)))", seconds)))
	return known && share >= allInOne, err
}

// zeros goes by how often count and sum changed from one scrape to the next: where more was counted
// and the sum stayed as it was, all of it was 0. One such scrape may have come between the two.
func zeros(ctx context.Context, e facts.Evidence, w facts.Window, name string) (string, error) {
	n, known, err := promql.Single(ctx, e, w,
		promql.Must(fmt.Sprintf("sum((changes(%s[range()] anchored) - changes(%s[range()] anchored)) > 1)",
			promql.SelectorOf(name+"_count"), promql.SelectorOf(name+"_sum"))))
	if err != nil || !known {
		return "", err
	}
	return fmt.Sprintf("%s: between two scrapes, %s times, all that was observed took exactly 0: a clock that is too coarse, or none", name, quantity.Quantity{Value: n}), nil
}
