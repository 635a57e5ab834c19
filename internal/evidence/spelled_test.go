package evidence

import (
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"brrtload/internal/facts"
)

// A sample a millisecond after the start of a window is in the window, however long that is.
func TestAWindowIsAsLongAsItIs(t *testing.T) {
	s := create(t)
	x := labels.FromStrings(model.MetricNameLabel, "x_total")
	for _, sample := range []struct{ at, value float64 }{{0, 1}, {10.001, 5}, {19, 5}} {
		b := s.At(at(sample.at))
		b.Add(x, sample.value)
		require.NoError(t, b.Commit())
	}
	for length := time.Second; length < 9*time.Second; length += 7 * time.Millisecond {
		w := facts.Window{Name: facts.Run, Start: at(10), End: at(10).Add(length)}
		require.Equal(t, 4.0, ask(t, s, "increase(x_total[range()] anchored)", w), length)
	}
}

func TestSpelled(t *testing.T) {
	for expr, want := range map[string]string{
		"rate(x[range()])":                           "rate(x[2030ms])",
		`sum(x{a="range()"}) + rate(x[ range( ) ])`:  `sum(x{a="range()"}) + rate(x[ 2030ms ])`,
		"rate(x[range() - 1s]) / rate(y[range()])":   "rate(x[2030ms - 1s]) / rate(y[2030ms])",
		"x offset range()":                           "x offset 2030ms",
		"max_over_time(rate(x[5s])[range():step()])": "max_over_time(rate(x[5s])[2030ms:step()])",
		"increase(x[range()] anchored) > 1":          "increase(x[2030ms] anchored) > 1",
		"x":                                          "x",
		"rate(":                                      "rate(",
	} {
		require.Equal(t, want, spelled(expr, 2030*time.Millisecond), expr)
	}
}
