package formats

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/reports"
	"brrtload/reports/page"
)

// searched is a search for capacity that found the service's limit.
func searched() reports.Report {
	probe := func(rate, p99, errors float64, standing string) reports.CapacityProbe {
		return reports.CapacityProbe{Rate: rate, Standing: standing, Reason: "as it is", Done: rate, Errors: errors,
			Latency: reports.Quantiles{P50: p99 / 2, P99: p99, Max: 2 * p99}, Directory: "probes/01",
			Budgets: []reports.CapacityBudget{{ID: "errors <b>", Measured: errors, Operator: "<", Limit: 0.01, Unit: "ratio", Failed: standing == reports.RateBreaks},
				{ID: "p99", Measured: p99, Operator: "<", Limit: 0.5, Unit: "s"}, {ID: "none", Measured: 0, Operator: "<=", Limit: 0}}}
	}
	c := reports.Capacity{Min: 10, Max: 1000, Precision: 0.02, Low: 160, High: 163, Knee: 161.5, Limit: reports.LimitService,
		Probes: []reports.CapacityProbe{probe(10, 0.05, 0, reports.RateHolds), probe(320, 0.4, 0.5, reports.RateBreaks), probe(160, 0.06, 0, reports.RateHolds),
			probe(163, 0.1, 0.012, reports.RateBreaks), probe(640, 1, 0.7, reports.RateUnclear)},
		Broke: []reports.CapacityBroke{{CapacityBudget: reports.CapacityBudget{ID: "errors <b>", Measured: 0.012, Operator: "<", Limit: 0.01, Unit: "ratio", Failed: true}, Rate: 163}}}
	return reports.Report{Version: reports.Version, Command: "capacity", Scenario: "pets", Verdict: assertions.Pass, Reason: c.Sentence(), End: reports.Completed, Capacity: &c}
}

func TestEveryFormatShowsACapacity(t *testing.T) {
	for _, f := range append(All(), page.CapacityChart) {
		var out bytes.Buffer
		require.NoError(t, f.Write(&out, searched()), f.Name)
		switch f.Name {
		case "junit", "openmetrics", "terminal", "json":
		default:
			require.Contains(t, out.String(), "163", "%s does not say at which rate the service breaks; "+
				"a format that has no place for it is to be named with junit, above", f.Name)
			require.NotContains(t, out.String(), "errors <b>", "%s: a name is no markup", f.Name)
		}
	}
	require.Error(t, page.CapacityChart.Write(io.Discard, reports.Report{}))
}

func TestTheCapacityChartIsXML(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, page.CapacityChart.Write(&out, searched()))
	for d := xml.NewDecoder(&out); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else {
			require.NoError(t, err)
		}
	}
}

func TestSentencesOfACapacity(t *testing.T) {
	c := *searched().Capacity
	require.Equal(t, "the budgets hold at 160 hits/s and break at 163 hits/s: errors <b> 1.2 %, must be < 1 %", c.Sentence())
	c.Limit = reports.LimitGenerator
	require.Contains(t, c.Sentence(), "the service may bear more")
	c.Low = 0
	require.Contains(t, c.Sentence(), "unfit at the lowest rate")
	c.Limit = reports.LimitMinimum
	require.Contains(t, c.Sentence(), "break at the lowest rate, 163 hits/s")
	c.Limit = reports.LimitNone
	require.Contains(t, c.Sentence(), "the highest rate of the search")
	require.Equal(t, "no rate was probed", reports.Capacity{}.Sentence())
	require.InDelta(t, 2, reports.CapacityBudget{Measured: 1, Operator: ">", Limit: 2}.Over(), 1e-9)
}
