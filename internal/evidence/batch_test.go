package evidence

import (
	"fmt"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
)

// What was added before a pause is stored even if something later is refused, where it was much; a
// little waits for the end of the batch.
func TestAPauseStoresMuch(t *testing.T) {
	for name, c := range map[string]struct{ histograms, stored int }{
		"a little": {1, 0}, "much": {3, 3},
	} {
		t.Run(name, func(t *testing.T) {
			s := create(t)
			var all []*Series
			for n := range c.histograms {
				series, err := s.Series(labels.FromStrings(model.MetricNameLabel, fmt.Sprint("h", n)))
				require.NoError(t, err)
				all = append(all, series)
			}
			b := s.At(at(1))
			for _, series := range all {
				b.Append(series, Sample{Histogram: &histogram.Histogram{Count: 1, ZeroCount: 1}})
			}
			b.Pause()
			b.Append(all[0], Sample{Value: 1})
			require.ErrorContains(t, b.Commit(), "is not after")
			stored := 0
			for _, series := range all {
				if _, ok := series.Last(); ok {
					stored++
				}
			}
			require.Equal(t, c.stored, stored)
			for _, series := range all { // and the store goes on
				b := s.At(at(2))
				b.Append(series, Sample{Histogram: &histogram.Histogram{Count: 2, ZeroCount: 2}})
				require.NoError(t, b.Commit())
			}
		})
	}
}
