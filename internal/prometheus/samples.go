package prometheus

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/common/model"
)

// samples returns the series that match, with their samples in (from, to] in order of time. It asks
// for a stretch at a time, so that no answer is too large.
func (s *Server) samples(ctx context.Context, from, to time.Time) (map[model.Fingerprint]*model.SampleStream, error) {
	all := map[model.Fingerprint]*model.SampleStream{}
	stretch, read := firstStretch, 0
	for from.Before(to) {
		stretch = min(stretch, to.Sub(from))
		from = from.Add(stretch)
		answer, err := s.query(ctx, fmt.Sprintf("%s[%dms]", s.match, stretch.Milliseconds()+1), from)
		if err != nil {
			return nil, err
		}
		matrix, ok := answer.(model.Matrix)
		if !ok {
			return nil, s.wrap(fmt.Errorf("a range selector gives a %s, not a matrix: is this a Prometheus API?", answer.Type()))
		}
		now := 0
		for _, one := range matrix {
			now += len(one.Values) + len(one.Histograms)
			known := all[one.Metric.Fingerprint()]
			if known == nil {
				all[one.Metric.Fingerprint()] = one
				continue
			}
			known.Values = append(known.Values, after(known.Values, one.Values)...)
			known.Histograms = append(known.Histograms, after(known.Histograms, one.Histograms)...)
		}
		switch read += now; {
		case len(all) > MaxSeries:
			return nil, s.wrap(refusal{fmt.Errorf("%s matches more than %d series: narrow match", s.match, MaxSeries)})
		case read > maxSamples:
			return nil, s.wrap(refusal{fmt.Errorf("%s matches more than %d samples: narrow match, or make the run shorter",
				s.match, maxSamples)})
		}
		stretch = time.Duration(float64(stretch) * min(10, max(0.1, perQuery/float64(max(1, now)))))
		stretch = max(time.Second, stretch.Truncate(time.Millisecond))
	}
	return all, nil
}

// firstStretch is the first stretch of time that is asked for; the next ones follow from how much
// there was.
const firstStretch = 30 * time.Second

// stamped is a sample with a time.
type stamped interface {
	model.SamplePair | model.SampleHistogramPair
}

// after returns the samples that are newer than the last one known: two stretches share their edge.
func after[T stamped](known, more []T) []T {
	if len(known) == 0 {
		return more
	}
	last := stampOf(known[len(known)-1])
	return slices.DeleteFunc(more, func(x T) bool { return stampOf(x) <= last })
}

func stampOf[T stamped](x T) model.Time {
	switch x := any(x).(type) {
	case model.SamplePair:
		return x.Timestamp
	case model.SampleHistogramPair:
		return x.Timestamp
	}
	return 0
}
