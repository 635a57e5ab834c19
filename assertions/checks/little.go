package checks

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Little says that the mean queue depth equals arrival rate times mean wait (Little's law, L = λW).
// The depth is the mean of the scrapes' samples, λW is the time waited in the window, all requests
// together, divided by the window's length. It holds for any queue that is empty at both edges,
// whatever the distributions; that scrapes come at jittered times makes their mean one of time.
type Little struct {
	Depth promql.Query     `yaml:"depth,required"` // a selector of the gauge
	Wait  promql.Histogram `yaml:"wait,required"`  // the histogram of the time waited, or a selector of it
	By    promql.LabelName `yaml:"by"`             // the label that tells queues apart; without it there is one
	In    string           `yaml:"in"`             // the phase or stage in which the queue fills; steady when empty
}

const (
	// minSamples is how many scrapes the mean of a jumping gauge needs at least.
	minSamples = 10
	// deviations is how many standard errors lie between a disagreement and chance, of very many
	// scrapes. Of n it is fewDeviations/n more: their own spread is known less well.
	deviations, fewDeviations = 5, 40
	// strata is how many scrapes, about, the spread of the depth is taken from at a time.
	strata = 4
)

func (c *Little) bearing() assertions.Bearing {
	return assertions.Bearing{Queries: []promql.Query{c.Depth}, Histograms: []string{c.Wait.Name()}, Compares: true}
}

func (c *Little) window() string    { return cmp.Or(c.In, facts.Steady) }
func (c *Little) metrics() []string { return append(c.Depth.Metrics(), c.Wait.Name()+"_sum") }
func (c *Little) query() string {
	return fmt.Sprintf("avg_over_time(%s[range()])", c.Depth)
}

// sampled is one queue, seen both ways. The spread is the variance of the depth between scrapes
// that follow each other: as they come at regular times, what the depth does over longer times is
// in their mean, and no error of it.
type sampled struct {
	labels                     map[string]string
	mean, spread, n            float64
	waited, waits, first, last float64 // seconds, how many, and the depth at the edges
	seconds                    float64
}

func (c *Little) judge(ctx context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	queues := map[facts.LabelSet]*sampled{}
	by, seconds, depth := "sum ", w.End.Sub(w.Start).Seconds(), c.Depth.String()
	if c.By != "" {
		by = fmt.Sprintf("sum by (%s) ", promql.LabelIn(string(c.By)))
	}
	ask := func(expr string, note func(*sampled, float64)) error {
		answer, err := e.Query(ctx, expr, w)
		for _, s := range answer.Series {
			key := facts.KeyOf(s.Labels)
			if queues[key] == nil {
				queues[key] = &sampled{labels: facts.WithoutName(s.Labels), seconds: seconds, waits: math.NaN()}
			}
			note(queues[key], s.Value)
		}
		return err
	}
	// All samples of a gauge have the same times, so that the scrapes of several series are those
	// of one.
	count, err := e.Query(ctx, "max(count_over_time("+depth+"[range()]))", w)
	if err != nil {
		return nil, err
	}
	stratum := seconds
	if len(count.Series) == 1 {
		stratum = seconds * min(1, strata/count.Series[0].Value)
	}
	for _, question := range []struct {
		expr string
		note func(*sampled, float64)
	}{
		{by + "(avg_over_time(" + depth + "[range()]))", func(s *sampled, v float64) { s.mean = v }},
		{fmt.Sprintf("%[1]s(avg_over_time(stdvar_over_time(%[2]s[%[3]dms])[range():%[3]dms]))", by, depth,
			int64(1000*stratum)),
			func(s *sampled, v float64) { s.spread = v * strata / (strata - 1) }},
		{by + "(increase(" + c.Wait.Part("_sum") + "[range()] anchored))", func(s *sampled, v float64) { s.waited = v }},
		{by + "(increase(" + c.Wait.Part("_count") + "[range()] anchored))", func(s *sampled, v float64) { s.waits = v }},
		{by + "(" + depth + " @ start())", func(s *sampled, v float64) { s.first = v }},
		{by + "(" + depth + " @ end())", func(s *sampled, v float64) { s.last = v }},
	} {
		if err := ask(question.expr, question.note); err != nil {
			return nil, err
		}
	}
	if len(queues) == 0 {
		return []assertions.Finding{{Verdict: assertions.DoesNotFit,
			Text: fmt.Sprintf("neither %s nor %s_sum has a series to compare", c.Depth, c.Wait)}}, nil
	}
	for _, s := range queues {
		if len(count.Series) == 1 {
			s.n = count.Series[0].Value
		}
	}
	return assertions.InOrder(queues, (*sampled).finding), nil
}

func (s *sampled) finding() assertions.Finding {
	f := assertions.Finding{Series: s.labels, Samples: int(s.n)}
	if s.n < minSamples {
		f.Verdict = assertions.Inconclusive
		f.Text = facts.Prefix(s.labels, fmt.Sprintf("%s scrapes are too few to know the mean depth; %d are needed",
			quantity.Quantity{Value: s.n}, minSamples))
		return f
	}
	expected, reach := s.waited/s.seconds, s.reach()
	f.Text = facts.Prefix(s.labels, fmt.Sprintf("mean depth %s over %s scrapes, %s by the time waited",
		quantity.Quantity{Value: s.mean}, quantity.Quantity{Value: s.n}, quantity.Quantity{Value: expected}))
	switch {
	case math.Abs(s.mean-expected) > reach:
		f.Verdict = assertions.Untruthful
		f.Text += ": one of the two is wrong"
	case reach >= max(s.mean, expected):
		f.Verdict = assertions.NotApplicable
		f.Text += ": too little waiting to compare"
	}
	return f
}

// reach returns how far apart the two may be by chance.
func (s *sampled) reach() float64 {
	expected, mean := s.waited/s.seconds, 0.0
	if s.waits > 0 {
		mean = s.waited / s.waits
	}
	// Waits that are shorter than the time between two scrapes may fall between them, many at once:
	// the depth then varies by as much as all of them.
	crowd := 1.0
	if !(mean >= s.seconds/s.n) {
		crowd = max(1, s.waits)
		if math.IsNaN(s.waits) {
			crowd = s.n
		}
	}
	error := math.Sqrt(max(s.spread, expected*crowd, 1/s.n) / s.n)
	// Those that wait at an edge are counted with all their time where they leave the queue.
	edges := (s.first + s.last) * mean / s.seconds
	return (deviations+fewDeviations/s.n)*error + edges
}
