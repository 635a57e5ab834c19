package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The last official run is judged again by every build. At maximum rate a hit costs at most 0.45 of
// what it costs vegeta, at 5,000/s at most 0.9, and there the hits leave on time: p99 lag is at
// most a fifth of vegeta's.
func TestEvidenceOfWhatAHitCosts(t *testing.T) {
	const dir = "../../../docs/evidence/"
	text, err := os.ReadFile(dir + "bench-load.json")
	require.NoError(t, err, "make bench-load writes it")
	var r Report
	require.NoError(t, json.Unmarshal(text, &r))
	require.Empty(t, floors(r))
	shown, err := os.ReadFile(dir + "bench-load.md")
	require.NoError(t, err)
	require.Equal(t, string(shown), r.markdown(), "bench-load.md is not of these figures")
}

// So is the last run of what scrapes do to the hits: they hold none up.
func TestEvidenceOfWhatScrapesDo(t *testing.T) {
	const path = "../../../docs/evidence/bench-scrapes"
	text, err := os.ReadFile(path + ".json")
	require.NoError(t, err, "make bench-load writes it")
	var r Report
	require.NoError(t, json.Unmarshal(text, &r))
	require.Empty(t, scrapeFloors(r))
	require.NotEmpty(t, r.of(oftenBefore, at1000, cpu), "before and after stand side by side")
	shown, err := os.ReadFile(path + ".md")
	require.NoError(t, err)
	require.Equal(t, string(shown), r.scrapes(), "bench-scrapes.md is not of these figures")
}

// And of what each engine costs.
func TestEvidenceOfWhatEachEngineCosts(t *testing.T) {
	const path = "../../../docs/evidence/bench-engines"
	text, err := os.ReadFile(path + ".json")
	require.NoError(t, err, "make bench-load writes it")
	var r Report
	require.NoError(t, json.Unmarshal(text, &r))
	require.Empty(t, engineFloors(r))
	shown, err := os.ReadFile(path + ".md")
	require.NoError(t, err)
	require.Equal(t, string(shown), r.engines(), "bench-engines.md is not of these figures")
	require.Len(t, engineFloors(Report{}), 2, "what was not measured")
}

func TestLagOfScrapesIsRefused(t *testing.T) {
	report := func(lag, busyLag float64) (r Report) {
		for range 3 {
			for load, late := range map[string]float64{at1000: lag, at1000busy: busyLag} {
				one := 1.0
				r.Runs = append(r.Runs, Measurement{Tool: often, Load: load, said: said{Hits: 1, LagP99: &late}},
					Measurement{Tool: never, Load: load, said: said{Hits: 1, LagP99: &one}})
			}
		}
		return r
	}
	require.Empty(t, scrapeFloors(report(1.4, 1.4)))
	require.Contains(t, strings.Join(scrapeFloors(report(1.6, 1)), "\n"), at1000+": p99 lag")
	require.Contains(t, strings.Join(scrapeFloors(report(1, 1.6)), "\n"), at1000busy+": p99 lag")
	require.Len(t, scrapeFloors(Report{}), 2, "what was not measured")
}

// A ratio that was measured is shown, however busy the machine was, and so is how busy.
func TestARatioOfABusyMachineIsShown(t *testing.T) {
	var r Report
	for _, others := range []float64{0.05, 0.5, 0.6} {
		r.Runs = append(
			r.Runs,
			Measurement{Tool: "a", CPU: 3, Others: others},
			Measurement{Tool: "b", CPU: 2, Others: 0.01},
		)
	}
	require.Equal(t, "1.50 (machine busy: 1 of 3 repetitions quiet, all counted)", r.ratio("a", "b", "", cpu).String())
	require.Equal(t, "not measured", r.ratio("a", "c", "", cpu).String())
}

func TestBadFiguresAreRefused(t *testing.T) {
	run := func(tool, load string, cpu, lag, others float64) Measurement {
		return Measurement{Tool: tool, Load: load, said: said{Hits: 50_000, LagP99: &lag}, CPU: cpu, Others: others}
	}
	report := func(max, slow, late, others float64) (r Report) {
		for range 3 {
			r.Runs = append(r.Runs, run("brrtload", atMax, max, 0, others), run("vegeta", atMax, 1, 0, 0),
				run("brrtload", at5000, slow, late, 0), run("vegeta", at5000, 1, 1, 0), run("bare", at5000, 1, 0, 0))
		}
		return r
	}
	require.Empty(t, floors(report(0.4, 0.8, 0.1, 0)))
	for want, r := range map[string]Report{
		"at maximum rate": report(0.5, 0.8, 0.1, 0), "at 5,000/s a hit": report(0.4, 1.2, 0.1, 0), "lag": report(0.4, 0.8, 0.3, 0), "quiet": report(0.4, 0.8, 0.1, 0.5),
	} {
		require.Contains(t, strings.Join(floors(r), "\n"), want)
	}
}
