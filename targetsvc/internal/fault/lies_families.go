//go:build !notelemetry

package fault

import (
	"maps"
	"math"
	"slices"
	"strconv"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
)

// inFamily applies a change to the family that the lie's value names.
func inFamily(change func(*dto.MetricFamily)) func(*setting, []*dto.MetricFamily) []*dto.MetricFamily {
	return func(s *setting, families []*dto.MetricFamily) []*dto.MetricFamily {
		change(find(s.text, families))
		return families
	}
}

func missingFamily(s *setting, families []*dto.MetricFamily) []*dto.MetricFamily {
	return slices.DeleteFunc(families, func(f *dto.MetricFamily) bool { return f.GetName() == s.text })
}

func zeroGauge(family *dto.MetricFamily) {
	for _, metric := range family.Metric {
		if metric.Gauge != nil {
			metric.Gauge.Value = proto.Float64(0)
		}
	}
}

func changedType(family *dto.MetricFamily) {
	switch family.GetType() {
	case dto.MetricType_COUNTER:
		family.Type = dto.MetricType_GAUGE.Enum()
		for _, metric := range family.Metric {
			metric.Gauge, metric.Counter = &dto.Gauge{Value: metric.Counter.Value}, nil
		}
	case dto.MetricType_GAUGE:
		family.Type = dto.MetricType_COUNTER.Enum()
		for _, metric := range family.Metric {
			metric.Counter, metric.Gauge = &dto.Counter{Value: metric.Gauge.Value}, nil
		}
	}
}

func renamedLabel(family *dto.MetricFamily) {
	for _, metric := range family.Metric {
		if len(metric.Label) == 0 {
			continue
		}
		first := metric.Label[0]
		metric.Label = slices.Clone(metric.Label)
		metric.Label[0] = &dto.LabelPair{Name: proto.String(first.GetName() + "_name"), Value: first.Value}
	}
}

// swappedLabelValue returns each value of the last label to the series of the value before it in
// order, and the first to those of the last: no two series become one.
func swappedLabelValue(family *dto.MetricFamily) {
	next := map[string]string{}
	for _, metric := range family.Metric {
		if n := len(metric.Label); n > 0 {
			next[metric.Label[n-1].GetValue()] = ""
		}
	}
	values := slices.Sorted(maps.Keys(next))
	for i, value := range values {
		next[value] = values[(i+1)%len(values)]
	}
	for _, metric := range family.Metric {
		if n := len(metric.Label); n > 0 {
			last := metric.Label[n-1]
			metric.Label = slices.Clone(metric.Label)
			metric.Label[n-1] = &dto.LabelPair{Name: last.Name, Value: proto.String(next[last.GetValue()])}
		}
	}
}

// manyCallers bounds the series that a counter's series becomes.
const manyCallers = 10_000

// labelPerRequest returns each thing counted a series of its own, which counts 1; what the series
// had is 0. What is beyond the bound stays there.
func labelPerRequest(family *dto.MetricFamily) {
	for _, metric := range slices.Clone(family.Metric) {
		if metric.Counter == nil {
			continue
		}
		counted := metric.Counter.GetValue()
		callers := min(counted, manyCallers)
		metric.Counter = &dto.Counter{Value: proto.Float64(counted - callers)}
		for n := range int(callers) {
			caller := &dto.LabelPair{Name: proto.String("caller"), Value: proto.String(strconv.Itoa(n))}
			family.Metric = append(family.Metric, &dto.Metric{
				Label: append([]*dto.LabelPair{caller},
					metric.Label...), Counter: &dto.Counter{Value: proto.Float64(1)}})
		}
	}
}

func wrongHistogramSum(family *dto.MetricFamily) {
	for _, metric := range family.Metric {
		if h := metric.Histogram; h != nil {
			h.SampleSum = proto.Float64(2 * h.GetSampleSum())
		}
	}
}

// histogramInMilliseconds reports v seconds as 1000 v: the observations up to a bound b are those
// up to b/1000 seconds, of which the buckets know those up to the largest bound that is not above
// b/1000. So each is as long as the bound of its bucket.
func histogramInMilliseconds(family *dto.MetricFamily) {
	for _, metric := range family.Metric {
		h := metric.Histogram
		if h == nil {
			continue
		}
		seconds := h.Bucket
		h.SampleSum = proto.Float64(1000 * sumAtBounds(h, math.Inf(1)))
		h.Bucket = make([]*dto.Bucket, len(seconds))
		for i, bucket := range seconds {
			h.Bucket[i] = &dto.Bucket{UpperBound: bucket.UpperBound,
				CumulativeCount: proto.Uint64(observedUpTo(seconds, bucket.GetUpperBound()/1000))}
		}
	}
}

func observedUpTo(buckets []*dto.Bucket, bound float64) uint64 {
	observed := uint64(0)
	for _, bucket := range buckets {
		if bucket.GetUpperBound() <= bound {
			observed = bucket.GetCumulativeCount()
		}
	}
	return observed
}
