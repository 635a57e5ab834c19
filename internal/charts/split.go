package charts

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"brrtload/internal/evidence"
	"brrtload/internal/facts"
)

// split is evidence that is asked about each of n equal parts of a window: one query of a range
// answers for all parts, as far as an expression does not look at the window's edges. Parts end at
// full milliseconds, the last of them with the window.
type split struct {
	*evidence.Store
	start   time.Time
	step    time.Duration
	n       int
	answers map[string][]facts.Answer // by expression
}

func newSplit(store *evidence.Store, w facts.Window, n int) *split {
	step := max((w.End.Sub(w.Start) / time.Duration(n)).Truncate(time.Millisecond), time.Millisecond)
	start := w.End.Add(-time.Duration(n) * step)
	return &split{Store: store, start: start, step: step, n: n, answers: map[string][]facts.Answer{}}
}

// part returns part i.
func (s *split) part(i int) facts.Window {
	start := s.start.Add(time.Duration(i) * s.step)
	return facts.Window{Start: start, End: start.Add(s.step)}
}

// Query implements assertions.Evidence. Of an answer for a part the number of samples is not known.
func (s *split) Query(ctx context.Context, expr string, w facts.Window) (facts.Answer, error) {
	i := int(w.Start.Sub(s.start) / s.step)
	edges := func(part string) bool { return strings.Contains(expr, part) }
	if w != s.part(i) || slices.ContainsFunc([]string{"@", "start()", "end()"}, edges) {
		return s.Store.Query(ctx, expr, w)
	}
	answers, known := s.answers[expr]
	if !known {
		var err error
		if answers, err = s.ask(ctx, expr); err != nil {
			return facts.Answer{}, err
		}
		s.answers[expr] = answers
	}
	return answers[i], nil
}

// ask returns the answers for all parts.
func (s *split) ask(ctx context.Context, expr string) ([]facts.Answer, error) {
	expr = strings.ReplaceAll(expr, "range()", fmt.Sprintf("%dms", s.step.Milliseconds()))
	points, err := s.Store.Range(ctx, expr, s.part(0).End, s.step, s.n)
	if err != nil {
		return nil, err
	}
	answers := make([]facts.Answer, s.n)
	for _, p := range points {
		for i, v := range p.Values {
			if !math.IsNaN(v) {
				answers[i].Series = append(answers[i].Series, facts.Series{Labels: p.Labels, Value: v})
			}
		}
	}
	return answers, nil
}
