package judge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
	"brrtload/internal/facts"
)

func TestWhereASeriesWithoutATypeBeganIsUnknown(t *testing.T) {
	const text = `
identities: [{id: counted, what: jobs, client: "sum(increase(brrtload_hits_total[range()] anchored))", server: "sum(increase(jobs[range()] anchored))"}]
budgets:
  - {id: many, in: run, expr: "sum(increase(jobs[range()] anchored))", must: "> 1000"}
  - {id: level, expr: "max(jobs)", must: "< 1000"}
`
	const because = ", so where the 1 new series of this window began is unknown; expose it as a counter (and 1 more inconclusive)"
	there, born := "jobs{kind=\"a\"} 7+8x25\nbrrtload_hits_total 0+8x25\n", "jobs{kind=\"a\"} 7+4x25\njobs{kind=\"b\"} _x3 16+4x21\nbrrtload_hits_total 0+8x25\n"
	for name, row := range map[string]struct {
		series, kind, reason string
		many                 string
	}{
		"was there before":  {there, "unknown", "", "fail"},
		"born in the run":   {born, "unknown", ": jobs has no type" + because, "inconclusive"},
		"born, but a gauge": {born, "gauge", ": jobs is exposed as a gauge" + because, "inconclusive"},
		"a gauge all along": {there, "gauge", "", "fail"},
	} {
		t.Run(name, func(t *testing.T) {
			e := stage.New(t, stage.Sound+row.series)
			e.Metadata = []facts.Family{{Endpoint: "target", Name: "jobs", Type: row.kind}}
			j, err := judge.Judge(t.Context(), e, stage.Load(t, text))
			require.NoError(t, err)
			require.Equal(t, row.many, stage.Verdicts(j)["many"])
			if row.reason != "" {
				require.Contains(t, stage.InWords(j), row.reason)
				require.Equal(t, "pass", stage.Verdicts(j)["level"])
			}
		})
	}
}
