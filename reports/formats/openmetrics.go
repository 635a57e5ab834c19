package formats

import (
	"io"
	"math"
	"strconv"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"brrtload/assertions"
	"brrtload/reports"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

// maxSeries bounds the series of one metric: they are read by people, in a merge request.
const maxSeries = 100

// OpenMetrics writes the report's few leading figures as OpenMetrics text: how many checks came to
// each verdict, what each budget measured and by how much each identity differs. GitLab compares
// the text of a value with the target branch's and shows whatever differs, so that values are
// rounded to the precision of their limit.
func OpenMetrics(w io.Writer, r reports.Report) error {
	checks := family("brrtload_checks", "Checks by verdict.")
	measured := family("brrtload_measured",
		"What a budget measured, in base units, rounded to a thousandth of its limit's magnitude.")
	difference := family("brrtload_identity_difference",
		"Server count minus client count of the worst series of an identity.")
	counts := map[assertions.Verdict]int{}
	for _, c := range r.Checks {
		counts[c.Verdict]++
		worst, _ := c.Worst()
		switch {
		case worst.Count != nil:
			addSeries(difference, worst.Count.Difference, "id", c.ID)
		case worst.Measured != nil && worst.Limit != nil:
			addSeries(measured, rounded(*worst.Measured, *worst.Limit), "id", c.ID, "unit", worst.Unit)
		}
	}
	for _, v := range assertions.Verdicts {
		addSeries(checks, float64(counts[v]), "verdict", v.String())
	}
	sent := family("brrtload_shard_sent", "Hits that a shard sent.")
	for _, s := range r.Shards {
		addSeries(sent, float64(s.Sent), "shard", tables.ShardName(s))
	}
	for _, f := range []*dto.MetricFamily{checks, measured, difference, sent} {
		if len(f.Metric) == 0 {
			continue
		}
		if _, err := expfmt.MetricFamilyToOpenMetrics(w, f); err != nil {
			return err
		}
	}
	_, err := expfmt.FinalizeOpenMetrics(w)
	return err
}

func family(name, help string) *dto.MetricFamily {
	return &dto.MetricFamily{Name: &name, Help: &help, Type: dto.MetricType_GAUGE.Enum()}
}

// addSeries adds a series with labels given as name, value, name, value.
func addSeries(f *dto.MetricFamily, value float64, labels ...string) {
	if len(f.Metric) == maxSeries {
		return
	}
	m := &dto.Metric{Gauge: &dto.Gauge{Value: &value}}
	for i := 0; i+1 < len(labels); i += 2 {
		m.Label = append(m.Label, &dto.LabelPair{Name: &labels[i], Value: new(fit.Inert(fit.Line(labels[i+1], 200)))})
	}
	f.Metric = append(f.Metric, m)
}

// rounded returns v to the decimal place that is the third digit of limit.
func rounded(v, limit float64) float64 {
	if limit == 0 || math.IsInf(limit, 0) || math.IsNaN(limit) {
		return v
	}
	places := 2 - int(math.Floor(math.Log10(math.Abs(limit))))
	if places <= 0 {
		return math.Round(v)
	}
	text := strconv.FormatFloat(v, 'f', places, 64)
	out, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return v
	}
	return out
}
