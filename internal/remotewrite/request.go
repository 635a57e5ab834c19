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

func (x sample) place() place { return place{x.series, x.counts != nil || x.floats != nil} }

// second returns samples as a request of remote write 2.0.
func second(samples []sample) *writev2.Request {
	symbols := writev2.NewSymbolTable()
	request := &writev2.Request{}
	at := map[place]int{}
	for _, x := range samples {
		i, known := at[x.place()]
		if !known {
			i = len(request.Timeseries)
			at[x.place()] = i
			request.Timeseries = append(request.Timeseries, writev2.TimeSeries{LabelsRefs: symbols.SymbolizeLabels(x.series.labels, nil)})
		}
		series := &request.Timeseries[i]
		switch {
		case x.counts != nil:
			series.Histograms = append(series.Histograms, writev2.FromIntHistogram(0, x.at, x.counts))
		case x.floats != nil:
			series.Histograms = append(series.Histograms, writev2.FromFloatHistogram(0, x.at, x.floats))
		default:
			series.Samples = append(series.Samples, writev2.Sample{Timestamp: x.at, Value: x.value})
		}
	}
	request.Symbols = symbols.Symbols()
	return request
}

// first returns samples as a request of remote write 1.0.
func first(samples []sample) *prompb.WriteRequest {
	request := &prompb.WriteRequest{}
	at := map[place]int{}
	for _, x := range samples {
		i, known := at[x.place()]
		if !known {
			i = len(request.Timeseries)
			at[x.place()] = i
			request.Timeseries = append(request.Timeseries, prompb.TimeSeries{Labels: prompb.FromLabels(x.series.labels, nil)})
		}
		series := &request.Timeseries[i]
		switch {
		case x.counts != nil:
			series.Histograms = append(series.Histograms, prompb.FromIntHistogram(x.at, x.counts))
		case x.floats != nil:
			series.Histograms = append(series.Histograms, prompb.FromFloatHistogram(x.at, x.floats))
		default:
			series.Samples = append(series.Samples, prompb.Sample{Timestamp: x.at, Value: x.value})
		}
	}
	return request
}
