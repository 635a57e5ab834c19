package assertions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// The run keeps what moved without it as series: each has the labels of the counter that moved, and its name as the label "counter".
const (
	backgroundRate = "brrtload_background_rate" // per second, before the load
	backgroundMost = "brrtload_background_most" // the most that this may add to the run, where the rate was steady
	unsettledRate  = "brrtload_unsettled_rate"  // per second, still after the load
)

// counterLabel is the label of these series that has the counter's name.
const counterLabel = "counter"

// about returns a selector of one of these series for the counters that a selector reads.
func (s selector) about(series string) string {
	matchers := []string{fmt.Sprintf("%s=%q", counterLabel, s.metric)}
	for _, m := range s.matchers {
		if m.Name != model.MetricNameLabel {
			matchers = append(matchers, m.String())
		}
	}
	return series + "{" + strings.Join(matchers, ",") + "}"
}

// movement is a counter that something else than the run moved.
type movement struct {
	name   string // the counter's, as it is written in a query
	labels map[string]string
	rate   float64
	text   string
}

// movements lists what moved without the run among the counters that the queries read: before the load and then after it, the fastest first.
func movements(ctx context.Context, e Evidence, queries ...Query) ([]movement, error) {
	w, ok := e.Window(Scraped)
	if !ok {
		return nil, nil
	}
	var found []movement
	for _, kind := range []struct{ series, when string }{{backgroundRate, "before the load"}, {unsettledRate, "still after the load"}} {
		var moved []movement
		for _, q := range queries {
			for _, s := range q.selectors() {
				if s.metric == "" || clientSeries(s.metric) {
					continue
				}
				answer, err := e.Query(ctx, "last_over_time("+s.about(kind.series)+"[range()])", w)
				if err != nil {
					return nil, err
				}
				for _, one := range answer.Series {
					moved = append(moved, moving(one, kind.when))
				}
			}
		}
		slices.SortStableFunc(moved, func(a, b movement) int { return cmp.Or(cmp.Compare(b.rate, a.rate), cmp.Compare(a.text, b.text)) })
		found = append(found, slices.CompactFunc(moved, func(a, b movement) bool { return a.text == b.text })...)
	}
	return found, nil
}

// moving returns the movement that a series is about.
func moving(s Series, when string) movement {
	own := withoutName(s.Labels)
	name := own[counterLabel]
	delete(own, counterLabel)
	if len(own) > 0 {
		name += "{" + show(own) + "}"
	}
	return movement{name, own, s.Value, fmt.Sprintf("%s moved by %s/s %s", name, Quantity{Value: s.Value}, when)}
}

// otherTraffic says what moved, in one sentence: the first movement that fits the label set, or the first of all, and how many more there are.
func otherTraffic(moved []movement, series map[string]string) string {
	fits := func(m movement) bool {
		values := slices.Collect(maps.Values(m.labels))
		return !slices.ContainsFunc(slices.Collect(maps.Values(series)), func(v string) bool { return !slices.Contains(values, v) })
	}
	if fitting := slices.DeleteFunc(slices.Clone(moved), func(m movement) bool { return !fits(m) }); len(fitting) > 0 {
		moved = fitting
	}
	text := moved[0].text
	if more := len(moved) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text + ": other traffic"
}

// instead returns the query with what the run keeps about its counters in place of their increases, and false when it reads them in another way.
func (q Query) instead(series string) (string, bool) {
	expr, err := promQL.ParseExpr(q.text.Value)
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
		s := selector{metric: metricName(v), matchers: v.LabelMatchers}
		if !ok || call.Func.Name != "increase" || !v.Anchored || s.metric == "" {
			whole = false
			return nil
		}
		place := call.PositionRange()
		pieces = append(pieces, piece{int(place.Start), int(place.End),
			fmt.Sprintf(`label_replace(last_over_time(%s[range()]), %q, "", %[2]q, ".*")`, s.about(series), counterLabel)})
		return nil
	})
	if !whole {
		return "", false
	}
	slices.SortFunc(pieces, func(a, b piece) int { return b.start - a.start })
	text := q.text.Value
	for _, p := range pieces {
		text = text[:p.start] + p.text + text[p.end:]
	}
	return text, true
}

// share asks how much of one of these series belongs to each label set of the query's answer, and false when that cannot be asked.
func (q Query) share(ctx context.Context, e Evidence, series string) (map[labelSet]float64, bool, error) {
	w, ok := e.Window(Scraped)
	text, whole := q.instead(series)
	if !ok || !whole {
		return nil, false, nil
	}
	answer, err := e.Query(ctx, text, w)
	if err != nil {
		return nil, false, err
	}
	by := map[labelSet]float64{}
	for _, s := range answer.Series {
		by[keyOf(s.Labels)] += math.Abs(s.Value)
	}
	return by, true, nil
}

// allow makes findings less than an accusation where something else explains the difference: other traffic, late counting, an old exposition at the
// baseline.
func (i *Identity) allow(ctx context.Context, e Evidence, findings []Finding) error {
	return errors.Join(i.allowOpen(ctx, e, findings), i.allowOthers(ctx, e, findings), i.allowLate(ctx, e, findings), i.allowLag(ctx, e, findings))
}

// openHits are the hits of which the service may have counted any: sent, and not answered whole.
const openHits = `sum(increase(brrtload_hits_total{outcome=~"ambiguous|cut"}[range()] anchored))`

// allowOpen makes inconclusive a surplus that such hits explain, where the identity has no interval for them.
func (i *Identity) allowOpen(ctx context.Context, e Evidence, findings []Finding) error {
	w, ok := e.Window(Run)
	over := func(f Finding) bool { return f.differs() && f.Count.Difference > 0 }
	if !ok || i.Client.IsZero() || !i.Ambiguous.IsZero() || !slices.ContainsFunc(findings, over) {
		return nil
	}
	hits, known, err := single(ctx, e, w, query(openHits))
	if err != nil || !known {
		return err
	}
	for n, f := range findings {
		if over(f) && f.Count.Difference <= hits {
			findings[n].doubtful(fmt.Sprintf("%s hits were sent and not answered whole, and the service may have counted them: %s; write ambiguous: %s",
				Quantity{Value: hits}, f.Text, openHits))
		}
	}
	return nil
}

// allowOthers allows for what moved the counters besides the run, where the sides differ. More than the client sent may be other traffic: up to what its
// steady rate adds that is an interval, and beyond, or where the rate was not steady, it is inconclusive. What was still moving after the load is
// inconclusive either way. It goes by label set: those that nothing else moves are exact.
func (i *Identity) allowOthers(ctx context.Context, e Evidence, findings []Finding) error {
	if !slices.ContainsFunc(findings, Finding.differs) {
		return nil
	}
	moved, err := movements(ctx, e, i.Server, i.Other)
	if err != nil || len(moved) == 0 {
		return err
	}
	var shares [3]map[labelSet]float64
	known := true
	for n, series := range []string{backgroundRate, backgroundMost, unsettledRate} {
		if shares[n], known, err = i.Server.share(ctx, e, series); err != nil {
			return err
		}
	}
	for n, f := range findings {
		if !f.differs() {
			continue
		}
		rate, most, after := of(shares[0], f), math.Ceil(of(shares[1], f)), of(shares[2], f)
		surplus := rate > 0 && f.Count.Difference > 0
		switch {
		case !known, !i.Other.IsZero(), after > 0, surplus && f.Count.Difference > most:
			findings[n].doubtful(otherTraffic(moved, f.Series) + "; " + f.Text)
		case surplus:
			count := *f.Count
			count.Ambiguous, count.Difference = count.Ambiguous+most, 0
			findings[n] = Finding{Series: f.Series, Count: &count, Text: i.sentence(f.Series, count) +
				fmt.Sprintf("; up to %s are other traffic, which moved it by %s/s before the load", Quantity{Value: most}, Quantity{Value: rate})}
		}
	}
	return nil
}

// of returns the share of the finding's label set; that of all together for a finding about the total.
func of(shares map[labelSet]float64, f Finding) float64 {
	if len(f.Series) > 0 {
		return shares[keyOf(f.Series)]
	}
	sum := 0.0
	for _, share := range shares {
		sum += share
	}
	return sum
}

// differs reports whether the finding accuses because two counts differ.
func (f Finding) differs() bool { return f.Count != nil && f.Verdict == Untruthful }

// doubtful makes an accusation inconclusive.
func (f *Finding) doubtful(text string) { f.Verdict, f.Metrics, f.Text = Inconclusive, nil, text }

// allowLate makes inconclusive what the service lacked at the final scrape and had counted at the idle one.
func (i *Identity) allowLate(ctx context.Context, e Evidence, findings []Finding) error {
	short := func(f Finding) bool { return f.differs() && f.Count.Difference < 0 }
	idle, ok := e.Window(Idle)
	if !ok || !slices.ContainsFunc(findings, short) {
		return nil
	}
	late, err := e.Query(ctx, i.Server.String(), idle)
	if err != nil {
		return err
	}
	sent, err := e.Query(ctx, i.reference().String(), idle)
	if err != nil {
		return err
	}
	by := map[labelSet]float64{}
	for _, s := range late.Series {
		by[keyOf(s.Labels)] += s.Value
	}
	for _, s := range sent.Series {
		by[keyOf(s.Labels)] -= s.Value
	}
	for n, f := range findings {
		if !short(f) {
			continue
		}
		if counted := by[keyOf(f.Series)]; counted > 0 && counted >= -f.Count.Difference {
			findings[n].doubtful(f.Text + fmt.Sprintf("; it counted %s more after the final scrape: it counts late", Quantity{Value: counted}))
		}
	}
	return nil
}

// allowLag makes inconclusive what a service has too many of when its exposition was older at the baseline than the run had seen it at rest: what it had
// counted before may show in the run.
func (i *Identity) allowLag(ctx context.Context, e Evidence, findings []Finding) error {
	w, ok := e.Window(Scraped)
	over := func(f Finding) bool { return f.differs() && f.Count.Difference > 0 }
	if !ok || !i.Other.IsZero() || !slices.ContainsFunc(findings, over) {
		return nil
	}
	lag, known, err := single(ctx, e, w, query("max(last_over_time(brrtload_exposition_lag_seconds[range()]))"))
	if err != nil || !known {
		return err
	}
	rested, known, err := single(ctx, e, w, query("max(last_over_time(brrtload_rested_before_load_seconds[range()]))"))
	if err != nil || !known || rested >= lag {
		return err
	}
	for n, f := range findings {
		if over(f) {
			findings[n].doubtful(f.Text + fmt.Sprintf("; the exposition lags by %s, and the run saw only %s before the load", Quantity{lag, "s"}, Quantity{rested, "s"}))
		}
	}
	return nil
}
