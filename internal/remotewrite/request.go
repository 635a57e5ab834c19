package remotewrite

import (
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
)

// place groups samples: those of a series that are of one kind stand together in a request.
type place struct {
	series *series
	native bool
}

// grouped returns the series of a request: begin makes one on first sight, add adds a sample to it.
func grouped[T any](samples []sample, begin func(*series) T, add func(to *T, x sample)) []T {
	var all []T
	at := map[place]int{}
	for _, x := range samples {
		of := place{x.series, x.counts != nil || x.floats != nil}
		i, known := at[of]
		if !known {
			i = len(all)
			at[of] = i
			all = append(all, begin(x.series))
		}
		add(&all[i], x)
	}
	return all
}

// second returns samples as a request of remote write 2.0.
func second(samples []sample) *writev2.Request {
	symbols := writev2.NewSymbolTable()
	all := grouped(samples, func(s *series) writev2.TimeSeries {
		return writev2.TimeSeries{LabelsRefs: symbols.SymbolizeLabels(s.labels, nil)}
	}, func(to *writev2.TimeSeries, x sample) {
		switch {
		case x.counts != nil:
			to.Histograms = append(to.Histograms, writev2.FromIntHistogram(0, x.at, x.counts))
		case x.floats != nil:
			to.Histograms = append(to.Histograms, writev2.FromFloatHistogram(0, x.at, x.floats))
		default:
			to.Samples = append(to.Samples, writev2.Sample{Timestamp: x.at, Value: x.value})
		}
	})
	return &writev2.Request{Timeseries: all, Symbols: symbols.Symbols()}
}

// first returns samples as a request of remote write 1.0.
func first(samples []sample) *prompb.WriteRequest {
	return &prompb.WriteRequest{Timeseries: grouped(samples, func(s *series) prompb.TimeSeries {
		return prompb.TimeSeries{Labels: prompb.FromLabels(s.labels, nil)}
	}, func(to *prompb.TimeSeries, x sample) {
		switch {
		case x.counts != nil:
			to.Histograms = append(to.Histograms, prompb.FromIntHistogram(x.at, x.counts))
		case x.floats != nil:
			to.Histograms = append(to.Histograms, prompb.FromFloatHistogram(x.at, x.floats))
		default:
			to.Samples = append(to.Samples, prompb.Sample{Timestamp: x.at, Value: x.value})
		}
	})}
}
