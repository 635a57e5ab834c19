package promql

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// counterLabel is the label of these series that has the counter's name.
const counterLabel = "counter"

// about returns a selector of one of these series for the counters that a selector reads.
func (s Selector) about(series string) string {
	matchers := []string{fmt.Sprintf("%s=%q", counterLabel, s.Metric)}
	for _, m := range s.Matchers {
		if m.Name != model.MetricNameLabel {
			matchers = append(matchers, m.String())
		}
	}
	return series + "{" + strings.Join(matchers, ",") + "}"
}

// movement is a counter that something else than the run moved.
type movement struct {
	Name   string // the counter's, as it is written in a query
	labels map[string]string
	rate   float64
	Text   string
}

// movements lists what moved without the run among the counters that the queries read: before the
// load and then after it, the fastest first.
func Movements(ctx context.Context, e facts.Evidence, queries ...Query) ([]movement, error) {
	w, ok := e.Window(facts.Scraped)
	if !ok {
		return nil, nil
	}
	var found []movement
	for _, kind := range []struct{ series, when string }{{BackgroundRate, "before the load"},
		{UnsettledRate, "still after the load"}} {
		var moved []movement
		for _, q := range queries {
			for _, s := range q.Selectors() {
				if s.Metric == "" || facts.OfClient(s.Metric) {
					continue
				}
				answer, err := e.Query(ctx, "last_over_time("+s.about(kind.series)+"[range()])", w)
				if err != nil {
					return nil, err
				}
				for _, one := range answer.Series {
					moved = append(moved, Moving(one, kind.when))
				}
			}
		}
		slices.SortStableFunc(moved, func(a, b movement) int { return cmp.Or(cmp.Compare(b.rate, a.rate), cmp.Compare(a.Text, b.Text)) })
		found = append(found, slices.CompactFunc(moved, func(a, b movement) bool { return a.Text == b.Text })...)
	}
	return found, nil
}

// moving returns the movement that a series is about.
func Moving(s facts.Series, when string) movement {
	own := facts.WithoutName(s.Labels)
	name := own[counterLabel]
	delete(own, counterLabel)
	if len(own) > 0 {
		name += "{" + facts.Show(own) + "}"
	}
	return movement{name, own, s.Value, fmt.Sprintf("%s moved by %s/s %s", name, quantity.Quantity{Value: s.Value},
		when)}
}

// otherTraffic says what moved, in one sentence: the first movement that fits the label set, or the
// first of all, and how many more there are.
func OtherTraffic(moved []movement, series map[string]string) string {
	fits := func(m movement) bool {
		values := slices.Collect(maps.Values(m.labels))
		return !slices.ContainsFunc(slices.Collect(maps.Values(series)), func(v string) bool { return !slices.Contains(values, v) })
	}
	if fitting := slices.DeleteFunc(slices.Clone(moved), func(m movement) bool { return !fits(m) }); len(fitting) > 0 {
		moved = fitting
	}
	text := moved[0].Text
	if more := len(moved) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text + ": other traffic"
}

// instead returns the query with what the run keeps about its counters in place of their increases,
// and false when it reads them in another way.
func (q Query) instead(series string) (string, bool) {
	expr, err := PromQL.ParseExpr(q.Text.Value)
	if err != nil {
		return "", false
	}
	type piece struct {
		start, end int
		text       string
	}
	var pieces []piece
	whole := true
	parser.Inspect(expr, func(node parser.Node, path []parser.Node) error {
		v, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		call, ok := enclosingCall(path)
		s := Selector{Metric: MetricName(v), Matchers: v.LabelMatchers}
		if !ok || call.Func.Name != "increase" || !v.Anchored || s.Metric == "" {
			whole = false
			return nil
		}
		place := call.PositionRange()
		pieces = append(pieces, piece{int(place.Start), int(place.End),
			fmt.Sprintf(`label_replace(last_over_time(%s[range()]), %q, "", %[2]q, ".*")`, s.about(series),
				counterLabel)})
		return nil
	})
	if !whole {
		return "", false
	}
	slices.SortFunc(pieces, func(a, b piece) int { return b.start - a.start })
	text := q.Text.Value
	for _, p := range pieces {
		text = text[:p.start] + p.text + text[p.end:]
	}
	return text, true
}

// share asks how much of one of these series belongs to each label set of the query's answer, and
// false when that cannot be asked.
func (q Query) Share(ctx context.Context, e facts.Evidence, series string) (map[facts.LabelSet]float64, bool, error) {
	w, ok := e.Window(facts.Scraped)
	text, whole := q.instead(series)
	if !ok || !whole {
		return nil, false, nil
	}
	answer, err := e.Query(ctx, text, w)
	if err != nil {
		return nil, false, err
	}
	by := map[facts.LabelSet]float64{}
	for _, s := range answer.Series {
		by[facts.KeyOf(s.Labels)] += math.Abs(s.Value)
	}
	return by, true, nil
}

// The run keeps what moved without it as series: each has the labels of the counter that moved, and
// its name as the label "counter".
const (
	BackgroundRate = "brrtload_background_rate" // per second, before the load
	BackgroundMost = "brrtload_background_most" // the most that this may add to the run, where the rate was steady
	UnsettledRate  = "brrtload_unsettled_rate"  // per second, still after the load
)
