package scrape

import (
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
)

// sample is one parsed sample of the scrape under way. Nothing is recorded before the whole body
// was understood.
type sample struct {
	entry     *entry
	value     float64
	histogram *histogram.Histogram
	float     *histogram.FloatHistogram
	started   int64 // milliseconds, or 0 when the exposition does not say
	exemplars []exemplar.Exemplar
}

// count is what the sample counts: its value, or the observations of its histogram.
func (x *sample) count() float64 {
	switch {
	case x.histogram != nil:
		return float64(x.histogram.Count)
	case x.float != nil:
		return x.float.Count
	}
	return x.value
}
