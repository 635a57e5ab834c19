package evidence

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/util/annotations"

	"brrtload/internal/facts"
)

const (
	// maxSamples is how many samples a query may hold in memory at once: 800 MB of them.
	maxSamples = 50_000_000
	// queryTimeout is how long a query may take.
	queryTimeout = 2 * time.Minute
	// subqueryStep is the step of a subquery that gives none.
	subqueryStep = time.Second
)

func newEngine() *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		Logger:                   slog.New(slog.DiscardHandler),
		MaxSamples:               maxSamples,
		Timeout:                  queryTimeout,
		EnableAtModifier:         true,
		EnableNegativeOffset:     true,
		EnablePerStepStats:       true,
		NoStepSubqueryIntervalFn: func(int64) int64 { return subqueryStep.Milliseconds() },
		Parser:                   parsers,
	})
}

var parsers = parser.NewParser(parser.Options{EnableExperimentalFunctions: true, EnableBinopFillModifiers: true})

// Query implements assertions.Evidence. It takes at most two minutes and 50 million samples. Of
// series that another server scraped see [Relayed].
func (s *Store) Query(ctx context.Context, expr string, w facts.Window) (facts.Answer, error) {
	w, err := s.fit(expr, w)
	if err != nil {
		return facts.Answer{}, err
	}
	start, end := w.Start.Truncate(time.Millisecond), w.End.Truncate(time.Millisecond)
	if !end.After(start) {
		return facts.Answer{}, fmt.Errorf("window %q is empty: nothing can be measured in it", w.Name)
	}
	options := promql.NewPrometheusQueryOpts(true, 0, nil)
	length := end.Sub(start)
	query, err := s.engine.NewRangeQuery(ctx, s.samples, options, spelled(expr, length), start, end, length)
	if err != nil {
		return facts.Answer{}, fmt.Errorf("query %s: %w", expr, err)
	}
	defer query.Close() // the engine takes the result's memory back: nothing of it may be kept
	result := query.Exec(ctx)
	s.shelf.looked()
	if result.Err != nil {
		return facts.Answer{}, fmt.Errorf("query %s: %w", expr, explain(result.Err))
	}
	matrix, err := result.Matrix()
	if err != nil {
		return facts.Answer{}, fmt.Errorf("query %s: %w", expr, err)
	}
	answer := facts.Answer{Warnings: warnings(expr, result.Warnings)}
	if steps := query.Stats().Samples.TotalSamplesPerStep; len(steps) > 0 {
		answer.Samples = int(steps[len(steps)-1])
	}
	slices.SortFunc(matrix, func(a, b promql.Series) int { return labels.Compare(a.Metric, b.Metric) })
	for _, series := range matrix {
		if n := len(series.Histograms); n > 0 && series.Histograms[n-1].T == end.UnixMilli() {
			return facts.Answer{}, fmt.Errorf("query %s: %w", expr, facts.Unfit{Why: "gives a histogram, not a number: " +
				"take histogram_quantile, histogram_count, histogram_sum or histogram_fraction of it"})
		}
		if n := len(series.Floats); n > 0 && series.Floats[n-1].T == end.UnixMilli() {
			answer.Series = append(answer.Series, facts.Series{Labels: series.Metric.Map(),
				Value: series.Floats[n-1].F})
		}
	}
	return answer, nil
}

// explain reports what to do about the engine's limits.
func explain(err error) error {
	var many promql.ErrTooManySamples
	var slow promql.ErrQueryTimeout
	var canceled promql.ErrQueryCanceled
	var storage promql.ErrStorage
	switch {
	case errors.As(err, &many):
		return fmt.Errorf("%w: more than %d samples at once; select fewer series or a shorter range", err, maxSamples)
	case errors.As(err, &slow):
		return fmt.Errorf("%w: not done in %s; select fewer series or a shorter range", err, queryTimeout)
	case errors.As(err, &canceled), errors.As(err, &storage):
		return err
	}
	return facts.Unfit{Why: err.Error()} // the engine found that the series do not suit the expression
}

// warnings keeps what may have left something out of the answer; remarks on style are not of this
// kind.
func warnings(expr string, from annotations.Annotations) []string {
	texts, _ := from.AsStrings(expr, 10, 0)
	slices.Sort(texts)
	return texts
}

// Points is one labelled line of values over time. A time without a value is NaN.
type Points struct {
	Labels map[string]string
	Values []float64
	// Histograms are what the expression gives where it gives a histogram; nil where it gives none.
	Histograms []*histogram.FloatHistogram
}

// Range evaluates a PromQL expression at n times, step apart, of which start is the first. It
// returns the lines sorted by labels, each of n values, or histograms. It takes at most two minutes
// and 50 million samples.
func (s *Store) Range(ctx context.Context, expr string, start time.Time, step time.Duration, n int) ([]Points, error) {
	start, step = start.Truncate(time.Millisecond), max(step.Truncate(time.Millisecond), time.Millisecond)
	options := promql.NewPrometheusQueryOpts(false, 0, nil)
	query, err := s.engine.NewRangeQuery(ctx, s.samples, options, expr, start, start.Add(time.Duration(n-1)*step), step)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", expr, err)
	}
	defer query.Close() // the engine takes the result's memory back: nothing of it may be kept
	result := query.Exec(ctx)
	s.shelf.looked()
	if result.Err != nil {
		return nil, fmt.Errorf("query %s: %w", expr, explain(result.Err))
	}
	matrix, err := result.Matrix()
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", expr, err)
	}
	slices.SortFunc(matrix, func(a, b promql.Series) int { return labels.Compare(a.Metric, b.Metric) })
	var lines []Points
	for _, series := range matrix {
		line := Points{Labels: series.Metric.Map(), Values: make([]float64, n)}
		for i := range line.Values {
			line.Values[i] = math.NaN()
		}
		for _, point := range series.Floats {
			line.Values[(point.T-start.UnixMilli())/step.Milliseconds()] = point.F
		}
		if len(series.Histograms) > 0 {
			line.Histograms = make([]*histogram.FloatHistogram, n)
		}
		for _, point := range series.Histograms {
			line.Histograms[(point.T-start.UnixMilli())/step.Milliseconds()] = point.H.Copy()
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// Names returns the names of all metrics, sorted.
func (s *Store) Names() ([]string, error) {
	querier, err := s.samples.Querier(math.MinInt64, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	defer querier.Close() //nolint:errcheck // it was only read
	names, _, err := querier.LabelValues(context.Background(), model.MetricNameLabel, nil)
	if err != nil {
		return nil, err
	}
	kept := make([]string, len(names)) // the block's text goes when the querier is closed
	for i, name := range names {
		kept[i] = strings.Clone(name)
	}
	slices.Sort(kept)
	return kept, nil
}
