package admin

import (
	"encoding/json"
	"net/http"
	"runtime/metrics"
)

// runtimeMetrics returns what package runtime/metrics knows, as one JSON object by name: numbers as
// they are, histograms as counts and bucket boundaries (infinite ones as null).
func runtimeMetrics(w http.ResponseWriter, _ *http.Request) {
	descriptions := metrics.All()
	samples := make([]metrics.Sample, len(descriptions))
	for i, d := range descriptions {
		samples[i].Name = d.Name
	}
	metrics.Read(samples)
	out := make(map[string]any, len(samples))
	for _, sample := range samples {
		switch sample.Value.Kind() {
		case metrics.KindUint64:
			out[sample.Name] = sample.Value.Uint64()
		case metrics.KindFloat64:
			out[sample.Name] = sample.Value.Float64()
		case metrics.KindFloat64Histogram:
			out[sample.Name] = newHistogram(sample.Value.Float64Histogram())
		}
	}
	body, err := json.Marshal(out)
	if err != nil {
		http.Error(w, "the runtime's metrics cannot be written as JSON", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(append(body, '\n'))
}

type histogram struct {
	Counts  []uint64   `json:"counts"`
	Buckets []*float64 `json:"buckets"` // boundaries, one more than counts
}

func newHistogram(h *metrics.Float64Histogram) histogram {
	out := histogram{Counts: h.Counts, Buckets: make([]*float64, len(h.Buckets))}
	for i := range h.Buckets {
		// JSON has no infinity.
		if boundary := h.Buckets[i]; boundary-boundary == 0 {
			out.Buckets[i] = &boundary
		}
	}
	return out
}
