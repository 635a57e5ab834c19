package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
)

// searched is a search for capacity that found the service's limit.
func searched() Report {
	probe := func(rate, p99, errors float64, standing string) CapacityProbe {
		return CapacityProbe{Rate: rate, Standing: standing, Reason: "as it is", Done: rate, Errors: errors,
			Latency: Quantiles{P50: p99 / 2, P99: p99, Max: 2 * p99}, Directory: "probes/01",
			Budgets: []CapacityBudget{{ID: "errors <b>", Measured: errors, Operator: "<", Limit: 0.01, Unit: "ratio", Failed: standing == RateBreaks},
				{ID: "p99", Measured: p99, Operator: "<", Limit: 0.5, Unit: "s"}, {ID: "none", Measured: 0, Operator: "<=", Limit: 0}}}
	}
	c := Capacity{Min: 10, Max: 1000, Precision: 0.02, Low: 160, High: 163, Knee: 161.5, Limit: LimitService,
		Probes: []CapacityProbe{probe(10, 0.05, 0, RateHolds), probe(320, 0.4, 0.5, RateBreaks), probe(160, 0.06, 0, RateHolds),
			probe(163, 0.1, 0.012, RateBreaks), probe(640, 1, 0.7, RateUnclear)},
		Broke: []CapacityBroke{{CapacityBudget{ID: "errors <b>", Measured: 0.012, Operator: "<", Limit: 0.01, Unit: "ratio", Failed: true}, 163}}}
	return Report{Version: Version, Command: "capacity", Scenario: "pets", Verdict: assertions.Pass, Reason: c.Sentence(), End: Completed, Capacity: &c}
}

func TestEveryFormatShowsACapacity(t *testing.T) {
	for _, f := range append(Formats(), CapacityChart) {
		var out bytes.Buffer
		require.NoError(t, f.Write(&out, searched()), f.Name)
		switch f.Name {
		case "junit", "openmetrics", "terminal", "json":
		default:
			require.Contains(t, out.String(), "163", f.Name)
			require.NotContains(t, out.String(), "errors <b>", "%s: a name is no markup", f.Name)
		}
	}
	require.Error(t, CapacityChart.Write(io.Discard, Report{}))
}

func TestTheCapacityChartIsXML(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, CapacityChart.Write(&out, searched()))
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
	c.Limit = LimitGenerator
	require.Contains(t, c.Sentence(), "the service may bear more")
	c.Low = 0
	require.Contains(t, c.Sentence(), "unfit at the lowest rate")
	c.Limit = LimitMinimum
	require.Contains(t, c.Sentence(), "break at the lowest rate, 163 hits/s")
	c.Limit = LimitNone
	require.Contains(t, c.Sentence(), "the highest rate of the search")
	require.Equal(t, "no rate was probed", Capacity{}.Sentence())
	require.InDelta(t, 2, CapacityBudget{Measured: 1, Operator: ">", Limit: 2}.Over(), 1e-9)
}
