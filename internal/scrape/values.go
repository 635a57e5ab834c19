package scrape

import (
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// Value is one series of an exposition, as it was read.
type Value struct {
	Labels     labels.Labels // with its name
	Family     string
	Type       model.MetricType
	Cumulative bool // a counter, or part of a histogram or a summary
	Value      float64
}

// Values returns the series of the last scrape that succeeded. Of a native histogram the value is
// its count.
func (e *Endpoint) Values() []Value {
	all := make([]Value, 0, len(e.samples))
	for i := range e.samples {
		x := &e.samples[i]
		all = append(all, Value{Labels: x.entry.series.Labels(), Family: x.entry.family.name(),
			Type:       x.entry.family.kind,
			Cumulative: x.entry.role == cumulative, Value: x.count()})
	}
	return all
}
