//go:build !notelemetry

package fault

import (
	"math"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// longest is what a clipped histogram observes at most, in seconds.
const longest = 0.025

// clippedHistogram observes what is longer than that as that long, and the rest as long as the
// bound of its bucket.
func clippedHistogram(family *dto.MetricFamily) {
	for _, metric := range family.Metric {
		h := metric.Histogram
		if h == nil {
			continue
		}
		h.SampleSum = proto.Float64(sumAtBounds(h, longest))
		for _, bucket := range h.Bucket {
			if bucket.GetUpperBound() >= longest {
				bucket.CumulativeCount = proto.Uint64(h.GetSampleCount())
			}
		}
	}
}

// sumAtBounds is the sum of a histogram's observations if each were the bound of its bucket, limit
// at the most; those beyond all bounds are at the last of them. A lie that moves counts between
// buckets moves the sum with them in this way: then the two agree in every window, and not only
// since the start.
func sumAtBounds(h *dto.Histogram, limit float64) float64 {
	sum, before, last := 0.0, uint64(0), 0.0
	for _, bucket := range h.Bucket {
		if bound := bucket.GetUpperBound(); !math.IsInf(bound, 1) {
			sum += float64(bucket.GetCumulativeCount()-before) * min(bound, limit)
			before, last = bucket.GetCumulativeCount(), bound
		}
	}
	return sum + float64(h.GetSampleCount()-before)*min(last, limit)
}

// allIn makes all observations of a histogram the same.
func allIn(h *dto.Histogram, value float64) {
	h.SampleSum = proto.Float64(value * float64(h.GetSampleCount()))
	for _, bucket := range h.Bucket {
		bucket.CumulativeCount = proto.Uint64(0)
		if bucket.GetUpperBound() >= value {
			bucket.CumulativeCount = h.SampleCount
		}
	}
}

// ofHandler lists the histograms of a family that are about a handler.
func ofHandler(family *dto.MetricFamily, handler string) (out []*dto.Histogram) {
	for _, metric := range family.Metric {
		for _, label := range metric.Label {
			if metric.Histogram != nil && label.GetName() == "handler" && label.GetValue() == handler {
				out = append(out, metric.Histogram)
			}
		}
	}
	return out
}

// earlyDuration has a tenth of a millisecond for every request of a handler, as a clock has that
// stops before the handler begins.
func earlyDuration(s *setting, families []*dto.MetricFamily) []*dto.MetricFamily {
	for _, h := range ofHandler(find("brrtrouter_request_duration_seconds", families), s.text) {
		allIn(h, 1e-4)
	}
	return families
}

// waitFromDequeue has a microsecond for every wait of a handler's mailbox.
func waitFromDequeue(s *setting, families []*dto.MetricFamily) []*dto.MetricFamily {
	for _, h := range ofHandler(find("brrtrouter_channel_wait_seconds", families), s.text) {
		allIn(h, 1e-6)
	}
	return families
}

func zeroHistogram(family *dto.MetricFamily) {
	for _, metric := range family.Metric {
		if metric.Histogram != nil {
			allIn(metric.Histogram, 0)
		}
	}
}

// oneBucketHistogram has bounds for microseconds where seconds are observed.
func oneBucketHistogram(family *dto.MetricFamily) {
	for _, metric := range family.Metric {
		h := metric.Histogram
		if h == nil {
			continue
		}
		seconds := h.Bucket
		h.Bucket = make([]*dto.Bucket, len(seconds))
		for i, bucket := range seconds {
			bound := 1e6 * bucket.GetUpperBound()
			h.Bucket[i] = &dto.Bucket{UpperBound: proto.Float64(bound),
				CumulativeCount: proto.Uint64(observedUpTo(seconds, bound))}
			if bound >= 10 { // no bound is higher, and hardly a time
				h.Bucket[i].CumulativeCount = h.SampleCount
			}
		}
	}
}

// unset is the value of an unsigned 64-bit integer that was never set, or that went below 0.
const unset = math.MaxUint64

func unsetGauge(family *dto.MetricFamily) {
	for _, metric := range family.Metric {
		if metric.Gauge != nil {
			metric.Gauge.Value = proto.Float64(unset)
		}
	}
}

// sizeAsMark reports the size as what was used of it.
func sizeAsMark(s *setting, families []*dto.MetricFamily) []*dto.MetricFamily {
	used := find("brrtrouter_coroutine_stack_used_bytes", families)
	if size := find(s.text, families); len(used.Metric) > 0 {
		used.Metric = proto.CloneOf(size).Metric
	}
	return families
}

// movesOnce shows a gauge's first other value in one scrape, and what it was at first in all
// others.
func movesOnce(s *setting, families []*dto.MetricFamily) []*dto.MetricFamily {
	s.told.mu.Lock()
	defer s.told.mu.Unlock()
	for i, family := range families {
		switch {
		case family.GetName() != s.text:
		case s.told.families == nil:
			s.told.families = []*dto.MetricFamily{proto.CloneOf(family)}
		case s.told.at.IsZero() && !proto.Equal(family, s.told.families[0]):
			s.told.at = time.Now()
		default:
			families[i] = s.told.recall()[0]
		}
	}
	return families
}

// ahead is an hour after the start of the process: a creation time that changed would be a restart.
var ahead = time.Now().Add(time.Hour)

// createdAhead has counters and histograms begin in an hour.
func createdAhead(family *dto.MetricFamily) {
	soon := timestamppb.New(ahead)
	for _, metric := range family.Metric {
		if metric.Counter != nil {
			metric.Counter.CreatedTimestamp = soon
		}
		if metric.Histogram != nil {
			metric.Histogram.CreatedTimestamp = soon
		}
	}
}

// misplacedExemplar returns each bucket that has observations an exemplar of twice its bound.
func misplacedExemplar(family *dto.MetricFamily) {
	for _, metric := range family.Metric {
		for _, bucket := range metric.GetHistogram().GetBucket() {
			if bucket.GetCumulativeCount() > 0 && !math.IsInf(bucket.GetUpperBound(), 1) {
				bucket.Exemplar = &dto.Exemplar{Value: proto.Float64(2 * bucket.GetUpperBound()),
					Timestamp: timestamppb.Now()}
			}
		}
	}
}
