package charts

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser/posrange"

	"brrtload/internal/facts"
	"brrtload/reports"
)

// heatRows is the number of rows of the heat map.
const heatRows = 24

// heat counts hits by time and latency, in rows of equal ratio between the least and the largest
// latency. It asks once for the histograms and counts here: each query reads all their samples.
func (t *drawn) heat() {
	found := t.lines("sum(increase(brrtload_latency_seconds[S] anchored))")
	if len(found) == 0 || found[0].Histograms == nil {
		return
	}
	parts := found[0].Histograms
	low, high := math.Inf(1), 0.0
	for _, h := range parts {
		if h == nil || h.Count == 0 {
			continue
		}
		if v := quantileOf(0, h); v > 0 {
			low = min(low, v)
		}
		if v := quantileOf(1, h); v > 0 && !math.IsInf(v, 0) {
			high = max(high, v)
		}
	}
	if !(high > low) {
		return
	}
	ratio := math.Pow(high/low, 1.0/heatRows)
	below := make([]float64, t.slices)
	var heat reports.Heat
	bound := low
	for range heatRows {
		bound *= ratio
		row := make(reports.Values, t.slices)
		for i, h := range parts {
			if h == nil || h.Count == 0 {
				continue
			}
			share, _ := promql.HistogramFraction(math.Inf(-1), bound*1.0001, h, "", posrange.PositionRange{})
			if n := share * h.Count; n == n {
				row[i] = math.Max(0, math.Round(n-below[i]))
				below[i] = n
			}
		}
		heat.Bounds, heat.Counts = append(heat.Bounds, bound), append(heat.Counts, row)
	}
	t.Heat = &heat
}

func quantileOf(q float64, h *histogram.FloatHistogram) float64 {
	v, _ := promql.HistogramQuantile(q, h, "", posrange.PositionRange{})
	return v
}

// shares are those at which a spectrum of the client is shown.
var shares = []float64{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99,
	0.995, 0.998, 0.999, 0.9995, 0.9998, 0.9999, 0.99999, 1}

// spectrum adds the distributions over the steady phase: latency, service time, and the service's
// own as the steps that its buckets are.
func (t *drawn) spectrum() {
	w, ok := t.in.Store.Window(facts.Steady)
	if !ok || t.err != nil {
		return
	}
	for _, s := range []struct{ name, metric string }{{"latency", "brrtload_latency_seconds"},
		{"service time", "brrtload_service_seconds"}} {
		spectrum := reports.Spectrum{Name: s.name, Side: reports.Client}
		hits, known := t.value(w, fmt.Sprintf("histogram_count(sum(increase(%s[range()] anchored)))", s.metric))
		if !known || hits == 0 {
			continue
		}
		spectrum.Points = t.quantiles(w, s.metric, hits)
		t.Spectra = append(t.Spectra, spectrum)
	}
	name, classic, ok := t.durations()
	if !ok || !classic || t.err != nil {
		return
	}
	answer, err := t.in.Store.Query(t.ctx, fmt.Sprintf("sum by (le) (increase({__name__=%q}[range()] anchored))",
		name+"_bucket"), w)
	if err != nil {
		t.err = err
		return
	}
	steps := reports.Spectrum{Name: name, Side: reports.Service, Bounds: true}
	var all float64
	type bucket struct{ bound, count float64 }
	var buckets []bucket
	for _, s := range answer.Series {
		if bound, err := strconv.ParseFloat(s.Labels["le"], 64); err == nil {
			buckets = append(buckets, bucket{bound, s.Value})
			all = max(all, s.Value)
		}
	}
	slices.SortFunc(buckets, func(a, b bucket) int { return cmp.Compare(a.bound, b.bound) })
	for _, b := range buckets {
		if all > 0 && !math.IsInf(b.bound, 1) {
			steps.Points = append(steps.Points, [2]float64{short(b.count / all), b.bound})
		}
	}
	if len(steps.Points) > 0 {
		t.Spectra = append(t.Spectra, steps)
	}
}

// value returns the one value of a query over a window.
func (t *drawn) value(w facts.Window, expr string) (float64, bool) {
	if t.err != nil {
		return 0, false
	}
	answer, err := t.in.Store.Query(t.ctx, expr, w)
	if err != nil {
		t.err = err
		return 0, false
	}
	if len(answer.Series) != 1 || math.IsNaN(answer.Series[0].Value) || math.IsInf(answer.Series[0].Value, 0) {
		return 0, false
	}
	return answer.Series[0].Value, true
}

// manyQuantiles is how many quantiles PromQL takes of a histogram at once.
const manyQuantiles = 10

// quantiles returns the shares of a native histogram's so many counts with their quantiles, without
// those that need more. All of the histogram's samples are read for each query.
func (t *drawn) quantiles(w facts.Window, metric string, hits float64) (points [][2]float64) {
	enough := slices.DeleteFunc(slices.Clone(shares), func(share float64) bool {
		return share < 1 && (1-share)*hits < 1
	})
	for some := range slices.Chunk(enough, manyQuantiles) {
		if t.err != nil {
			return points
		}
		var list strings.Builder
		for _, share := range some {
			fmt.Fprintf(&list, ", %g", share)
		}
		answer, err := t.in.Store.Query(t.ctx,
			fmt.Sprintf(`histogram_quantiles(sum(increase(%s[range()] anchored)), "q"%s)`, metric, list.String()), w)
		if err != nil {
			t.err = err
			return points
		}
		for _, s := range answer.Series {
			share, err := strconv.ParseFloat(s.Labels["q"], 64)
			if err == nil && !math.IsNaN(s.Value) && !math.IsInf(s.Value, 0) {
				points = append(points, [2]float64{share, short(s.Value)})
			}
		}
	}
	slices.SortFunc(points, func(a, b [2]float64) int { return cmp.Compare(a[0], b[0]) })
	return points
}

// short returns a number to six significant digits.
func short(x float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 6, 64), 64)
	if err != nil {
		return x
	}
	return rounded
}
