package capacity

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/reports"
)

// service is one that is faked: its errors and its latency depend on the rate.
type service struct {
	knee      float64 // beyond it hits fail
	generator float64 // beyond it the generator is late
	few       float64 // hits that the latency budget needs to be decided
}

func (s service) probe(_ context.Context, _ int, rate float64, multiple int) (reports.Report, error) {
	share, limit := max(0, 1-s.knee/rate), 0.01
	latency, most := 0.05*rate/s.knee, 0.2
	check := func(id, kind string, v assertions.Verdict, measured, limit float64) assertions.Check {
		return assertions.Check{Heading: assertions.Heading{ID: id, Kind: kind, Severity: assertions.Failing}, Verdict: v,
			Findings: []assertions.Finding{{Verdict: v, Measured: &measured, Limit: &limit, Operator: "<"}}}
	}
	of := func(bad bool) assertions.Verdict {
		if bad {
			return assertions.Fail
		}
		return assertions.Pass
	}
	r := reports.Report{End: reports.Completed, Verdict: of(share >= limit || latency >= most), Reason: "as it is", Seconds: 10,
		Requests: []reports.Request{{Name: reports.Total, Hits: 1000, Rate: rate, Errors: uint64(1000 * share)}},
		Checks: []assertions.Check{check("delivery", "delivery", assertions.Pass, 1, 0.99),
			check("errors", "budget", of(share >= limit), share, limit), check("latency", "budget", of(latency >= most), latency, most)}}
	if rate > s.generator {
		r.Verdict = assertions.Inconclusive
		r.Checks = []assertions.Check{check("delivery", "delivery", assertions.Inconclusive, 0.5, 0.99)}
	}
	if rate*10*float64(multiple) < s.few {
		r.Verdict, r.Reason = assertions.Inconclusive, "latency: a quantile needs more observations"
	}
	return r, nil
}

func seek(t *testing.T, s service) reports.Capacity {
	c, err := Run(t.Context(), Options{Search: Search{Min: 10, Max: 10_000, Precision: 0.02, Most: 60}, Probe: s.probe, Say: func(string) {}})
	require.NoError(t, err)
	return c
}

func TestCapacityIsTheServices(t *testing.T) {
	c := seek(t, service{knee: 160, generator: 1e6})
	require.Equal(t, reports.LimitService, c.Limit)
	require.InEpsilon(t, 160/(1-0.01), c.Knee, 0.02)
	require.LessOrEqual(t, c.Low, 160/(1-0.01))
	require.Equal(t, "errors", c.Broke[0].ID)
	require.Equal(t, assertions.Pass, verdict(c))
	require.Contains(t, c.Sentence(), "errors")
	for _, p := range c.Probes {
		require.Len(t, p.Budgets, 2, "every probe has every budget")
	}
}

func TestTheGeneratorsLimitIsNotTheServices(t *testing.T) {
	c := seek(t, service{knee: 5000, generator: 700})
	require.Equal(t, reports.LimitGenerator, c.Limit)
	require.InEpsilon(t, 700, c.Knee, 0.02)
	require.Empty(t, c.Broke)
	require.Equal(t, assertions.Inconclusive, verdict(c))
	require.Contains(t, c.Sentence(), "generator")
}

func TestCapacityBeyondTheSearch(t *testing.T) {
	c := seek(t, service{knee: 1e6, generator: 1e9})
	require.Equal(t, reports.LimitNone, c.Limit)
	require.Equal(t, 10_000.0, c.Low)
	require.Equal(t, assertions.Pass, verdict(c))
	c = seek(t, service{knee: 1, generator: 1e9})
	require.Equal(t, reports.LimitMinimum, c.Limit)
	require.Equal(t, assertions.Fail, verdict(c))
}

func TestConnectionsThatTheServiceHoldsAreItsLimit(t *testing.T) {
	r := reports.Report{End: reports.Completed, Verdict: assertions.Inconclusive, Seconds: 10,
		Generator: reports.Generator{Waited: 900, CPUSeconds: 1, Floor: reports.Quantiles{P99: 1e-4}, Lag: reports.Quantiles{P99: 2e-4}},
		Where:     reports.Provenance{GOMAXPROCS: 2}}
	s, err := stands(r, false)
	require.NoError(t, err)
	require.Equal(t, Breaks, s)
	r.Generator.CPUSeconds = 19 // it may have kept them waiting itself
	s, err = stands(r, false)
	require.NoError(t, err)
	require.Equal(t, Unclear, s)
}

// On a machine that others use, a budget that failed by little is no break: the service may have had
// no CPU.
func TestOthersOnTheMachineMayBreakABudget(t *testing.T) {
	report := func(margin, pressure, used float64) reports.Report {
		measured, limit := 0.02, 0.01
		return reports.Report{End: reports.Completed, Verdict: assertions.Fail, Seconds: 10,
			Where: reports.Provenance{CPUs: 2, Pressure: pressure}, Target: reports.Target{CPUSeconds: used},
			Checks: []assertions.Check{{Heading: assertions.Heading{ID: "errors", Kind: "budget"}, Verdict: assertions.Fail,
				Findings: []assertions.Finding{{Verdict: assertions.Fail, Measured: &measured, Limit: &limit, Margin: &margin}}}}}
	}
	for _, row := range []struct {
		margin, pressure, used float64
		want                   Standing
	}{
		{-1, 0.9, 1, Unclear}, {-2.5, 0.9, 1, Breaks}, {-1, 0.1, 1, Breaks}, {-1, 0.9, 15, Breaks},
	} {
		got, err := stands(report(row.margin, row.pressure, row.used), true)
		require.NoError(t, err)
		require.Equal(t, row.want, got, "%+v", row)
	}
}

func TestAServiceThatCannotBeProbedEndsTheSearch(t *testing.T) {
	for _, r := range []reports.Report{
		{End: reports.Completed, Verdict: assertions.Untruthful, Reason: "it lies"},
		{End: reports.Completed, Verdict: assertions.DoesNotFit}, {End: reports.Unreachable, Verdict: assertions.Error},
	} {
		_, err := Run(t.Context(), Options{Search: Search{Min: 1, Max: 2, Precision: 0.02, Most: 9}, Say: func(string) {},
			Probe: func(context.Context, int, float64, int) (reports.Report, error) { return r, nil }})
		require.ErrorIs(t, err, ErrUnfit)
	}
	failed := errors.New("no disk")
	_, err := Run(t.Context(), Options{Search: Search{Min: 1, Max: 2, Precision: 0.02, Most: 9}, Say: func(string) {},
		Probe: func(context.Context, int, float64, int) (reports.Report, error) { return reports.Report{}, failed }})
	require.ErrorIs(t, err, failed)
}

func TestProbesAreLongerWhereObservationsAreFew(t *testing.T) {
	c := seek(t, service{knee: 160, generator: 1e6, few: 250}) // 10 hits/s for 10 s are 100
	require.Equal(t, reports.LimitService, c.Limit)
	require.Equal(t, []string{reports.RateUndecided, reports.RateHolds}, []string{c.Probes[0].Standing, c.Probes[1].Standing})
	require.Equal(t, c.Probes[0].Rate, c.Probes[1].Rate)

	c = seek(t, service{knee: 160, generator: 1e6, few: 1e6})
	require.Len(t, c.Probes, 3, "1, 3 and 9 times as long")
	require.Equal(t, assertions.Inconclusive, verdict(c))
	require.Equal(t, "the budgets are undecided at the lowest rate, 10 hits/s; give a longer --probe or a higher --min: "+
		"latency: a quantile needs more observations", c.Sentence())
}
