package judge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/assertions/checks"
	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
)

const ofATracedTarget = `
budgets:
  - {id: p99, why: w, expr: 'max(shop_latency_seconds)', must: "< 1ms"}
  - {id: resident, why: w, expr: 'max(process_resident_memory_bytes)', must: "< 1MiB"}
  - {id: errors, why: w, expr: 'sum(increase(brrtload_unexpected_total[range()] anchored))', must: "== 0"}
  - {id: items, why: w, expr: 'max(shop_items)', must: "< 5"}
  - {id: leak, why: w, expr: 'sum(increase(brrtload_traced_live_bytes[range()] anchored))', must: "< 1KiB"}
`

// What a tool does to its target is no failure of that; what it cannot change is.
func TestATracedTargetIsNotAccusedOfTheTool(t *testing.T) {
	const own = "shop_latency_seconds 2x25\nprocess_resident_memory_bytes 9000000x25\nbrrtload_unexpected_total 0+1x25\nshop_items 9x25\n"
	const leak = "brrtload_traced_live_bytes{site=\"keep\"} 0+1000x25\n"
	by := func(slowed, covers string) string {
		return "brrtload_traced_by{tool=\"dhat\",slowed=\"" + slowed + "\",covers=\"" + covers + "\"} 1x25\n"
	}
	const fail, undecided = assertions.Fail, assertions.Inconclusive
	for _, row := range []struct {
		name, series                       string
		p99, resident, errors, items, leak assertions.Verdict
		why                                string
	}{
		{"without a tool", own + leak, fail, fail, fail, fail, fail, ""},
		{"with profiles that are fetched", own + leak + by("no", "window"), fail, fail, fail, fail, fail, ""},
		{"under a tool", own + leak + by("yes", "window"), undecided, undecided, undecided, fail, fail, "the target ran under dhat, which slows it"},
		{"under one that has totals alone", own + by("yes", "process") + "brrtload_traced_live_bytes{site=\"keep\"} _x20 9\n",
			undecided, undecided, undecided, fail, undecided, "dhat knows the run as a whole, and no window in it: write `in: run`"},
		{"with profiles at the ends alone, by which nothing grew", own + "brrtload_traced_live_bytes{site=\"keep\"} 7x25\n" + by("no", "run"),
			fail, fail, fail, fail, undecided, "dhat knows the run as a whole"},
		{"under one that was lost", own + "brrtload_traced_lost{tool=\"dhat\",why=\"no file\"} 1x25\n",
			undecided, undecided, undecided, fail, undecided, "what dhat saw could not be read (no file)"},
		{"without the figure", own + by("no", "window") + "brrtload_traced_live_bytes{site=\"keep\"} _x20 9\n",
			fail, fail, fail, fail, undecided, "dhat recorded no such figure here"},
	} {
		j, err := judge.Judge(t.Context(), stage.New(t, row.series), stage.Load(t, ofATracedTarget))
		require.NoError(t, err)
		verdicts, words := map[string]assertions.Verdict{}, ""
		for _, c := range j.Checks {
			verdicts[c.ID] = c.Verdict
			words += c.Sentence() + "\n"
		}
		for id, want := range map[string]assertions.Verdict{"p99": row.p99, "resident": row.resident, "errors": row.errors,
			"items": row.items, "leak": row.leak} {
			require.Equal(t, want, verdicts[id], "%s: %s\n%s", row.name, id, words)
		}
		require.Contains(t, words, row.why, row.name)
	}
}

func TestATargetThatWasToBeTraced(t *testing.T) {
	for name, row := range map[string]struct{ series, want string }{
		"seen":     {"brrtload_traced_by{tool=\"pprof\"} 1x25", "pass: memory-traced: pprof saw the target's memory"},
		"lost":     {"brrtload_traced_lost{tool=\"dhat\",why=\"no file\"} 1x25", "inconclusive: memory-traced: what dhat saw could not be read: no file"},
		"not seen": {"other 1x25", "inconclusive: memory-traced: the target's memory was not traced"},
	} {
		j, err := judge.Judge(t.Context(), stage.New(t, row.series), []assertions.Assertion{checks.Traced{}})
		require.NoError(t, err)
		c := j.Checks[1]
		require.Equal(t, row.want, c.Verdict.String()+": "+c.ID+": "+c.Sentence(), name)
	}
	e := stage.New(t, "brrtload_traced_by{tool=\"pprof\"} 1x25")
	e.Without = "run"
	j, err := judge.Judge(t.Context(), e, []assertions.Assertion{checks.Traced{}})
	require.NoError(t, err)
	require.Equal(t, assertions.Inconclusive, j.Checks[1].Verdict)
}
