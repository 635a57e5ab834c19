package assertions

import (
	"context"
	"fmt"
	"math"
)

// Little says that the mean queue depth equals arrival rate times mean wait (Little's law, L = λW). The depth is the mean of the scrapes' samples,
// λW is the time waited in the window, all requests together, divided by the window's length. It holds for any queue that is empty at both
// edges, whatever the distributions; that scrapes come at jittered times makes their mean one of time.
type Little struct {
	Depth Query         `yaml:"depth,required"` // a selector of the gauge
	Wait  HistogramName `yaml:"wait,required"`  // the histogram of the time waited
	By    LabelName     `yaml:"by,required"`    // the label that tells queues apart
}

const (
	// minSamples is how many scrapes the mean of a jumping gauge needs.
	minSamples = 100
	// deviations is how many standard errors lie between a disagreement and chance. Depths of neighbouring scrapes are alike, so that the
	// error is larger than that of independent samples: five allows for a correlation time of several scrapes.
	deviations = 5
)

func (c *Little) window() string    { return Steady }
func (c *Little) metrics() []string { return append(c.Depth.metrics(), string(c.Wait)+"_sum") }
func (c *Little) query() string {
	return fmt.Sprintf("avg_over_time(%s[range()])", c.Depth)
}

// sampled is one queue, seen both ways.
type sampled struct {
	labels                      map[string]string
	mean, variance, n, expected float64
}

func (c *Little) judge(ctx context.Context, e Evidence, w Window) ([]Finding, error) {
	queues := map[labelSet]*sampled{}
	by := fmt.Sprintf("sum by (%s) ", labelIn(string(c.By)))
	seconds := w.End.Sub(w.Start).Seconds()
	for _, question := range []struct {
		expr string
		note func(*sampled, float64)
	}{
		{by + "(avg_over_time(" + c.Depth.String() + "[range()]))", func(s *sampled, v float64) { s.mean = v }},
		{by + "(stdvar_over_time(" + c.Depth.String() + "[range()]))", func(s *sampled, v float64) { s.variance = v }},
		{by + "(count_over_time(" + c.Depth.String() + "[range()]))", func(s *sampled, v float64) { s.n = v }},
		{by + "(increase(" + c.Wait.part("_sum") + "[range()] anchored))", func(s *sampled, v float64) { s.expected = v / seconds }},
	} {
		answer, err := e.Query(ctx, question.expr, w)
		if err != nil {
			return nil, err
		}
		for _, s := range answer.Series {
			key := keyOf(s.Labels)
			if queues[key] == nil {
				queues[key] = &sampled{labels: withoutName(s.Labels)}
			}
			question.note(queues[key], s.Value)
		}
	}
	if len(queues) == 0 {
		return []Finding{{Verdict: DoesNotFit, Text: fmt.Sprintf("neither %s nor %s_sum has a series to compare", c.Depth, c.Wait)}}, nil
	}
	return inOrder(queues, (*sampled).finding), nil
}

func (s *sampled) finding() Finding {
	f := Finding{Series: s.labels, Samples: int(s.n)}
	if s.n < minSamples {
		f.Verdict = Inconclusive
		f.Text = prefix(s.labels, fmt.Sprintf("%s scrapes are too few to know the mean depth; %d are needed", Quantity{Value: s.n}, minSamples))
		return f
	}
	// A queue that is nearly always empty may show no variance at all: then that of a Poisson count of the expected mean stands in.
	spread := math.Sqrt(max(s.variance, s.expected, 1/s.n) / s.n)
	f.Text = prefix(s.labels, fmt.Sprintf("mean depth %s over %s scrapes, %s by the time waited", Quantity{Value: s.mean}, Quantity{Value: s.n}, Quantity{Value: s.expected}))
	if math.Abs(s.mean-s.expected) > deviations*spread {
		f.Verdict = Untruthful
		f.Text += ": one of the two is wrong"
	}
	return f
}
