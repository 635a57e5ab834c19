//go:build !notelemetry

package telemetry

import (
	"math"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// What a request is counted in lies together, in whole units, under the lock of its owner, and is
// put into the form of the exposition only when it is scraped.

// scale says how a histogram's observations, whole units, are told.
type scale struct {
	bounds []int64   // of the buckets, units
	upper  []float64 // the same in the metric's own unit
	unit   float64   // how many units make one of the metric's
}

// scaleOf makes the scale of bounds that are given in the metric's own unit, which is so many of
// the units observed.
func scaleOf(unit float64, upper []float64) *scale {
	s := &scale{upper: upper, unit: unit}
	for _, bound := range upper {
		s.bounds = append(s.bounds, int64(math.Round(bound*unit)))
	}
	return s
}

// nanoseconds is the unit of scales whose metric is in seconds.
const nanoseconds = 1e9

// histogram counts observations. It is guarded by its owner's lock.
type histogram struct {
	of    *scale
	cells []uint64 // the sum in units, then each bucket's own count, the last of them without a bound
}

// newHistograms makes a histogram of each scale; all lie next to each other in memory.
func newHistograms(scales ...*scale) []histogram {
	size := 0
	for _, s := range scales {
		size += s.cells()
	}
	memory := make([]uint64, size)
	out := make([]histogram, len(scales))
	for i, s := range scales {
		out[i] = histogram{s, memory[:s.cells():s.cells()]}
		memory = memory[s.cells():]
	}
	return out
}

func (s *scale) cells() int { return 2 + len(s.bounds) }

// observe counts one value of so many units.
func (h *histogram) observe(units int64) {
	bucket := 0
	for bucket < len(h.of.bounds) && units > h.of.bounds[bucket] {
		bucket++
	}
	h.cells[0] += uint64(units)
	h.cells[1+bucket]++
}

// snapshot returns what was observed so far as a metric.
func (h *histogram) snapshot(desc *prometheus.Desc, labels ...string) prometheus.Metric {
	return &observed{desc, prometheus.MakeLabelPairs(desc, labels), h.of, append([]uint64(nil), h.cells...)}
}

// observed is a histogram at the time of a scrape.
type observed struct {
	desc   *prometheus.Desc
	labels []*dto.LabelPair
	of     *scale
	cells  []uint64
}

// Desc implements prometheus.Metric.
func (o *observed) Desc() *prometheus.Desc { return o.desc }

// Write implements prometheus.Metric. The count is that of the buckets, so the two cannot differ.
func (o *observed) Write(out *dto.Metric) error {
	h := &dto.Histogram{SampleSum: proto.Float64(float64(o.cells[0]) / o.of.unit), CreatedTimestamp: created}
	count := uint64(0)
	for i, upper := range o.of.upper {
		count += o.cells[1+i]
		h.Bucket = append(h.Bucket, &dto.Bucket{UpperBound: proto.Float64(upper), CumulativeCount: proto.Uint64(count)})
	}
	h.SampleCount = proto.Uint64(count + o.cells[len(o.cells)-1])
	out.Label, out.Histogram = o.labels, h
	return nil
}

// counted is a counter at the time of a scrape.
func counted(desc *prometheus.Desc, n uint64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetricWithCreatedTimestamp(desc, prometheus.CounterValue, float64(n), processStart,
		labels...)
}

// created is when every counter and histogram was 0.
var created = timestamppb.New(processStart)
