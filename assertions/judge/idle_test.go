package judge_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
)

// A check that looked at nothing is not among those that held, and by itself it is no reason to
// pass.
func TestWhatDidNotApplyIsNotHeld(t *testing.T) {
	const unprovoked = `liveness: [{id: alive, metric: free, stimulus: 'sum(increase(requests_total[range()] anchored))', what: requests}]
`
	e := stage.New(t, stage.Sound+"depth 100x25\nfree 1x25\nrequests_total 0x25")
	for _, row := range []struct{ document, reason string }{
		{unprovoked, "inconclusive: nothing was asserted, 1 not applicable"},
		{unprovoked + "budgets: [{id: free, expr: free, must: \">= 1\"}, {id: lost, expr: lost, must: \">= 1\", on_missing: pass}]",
			"pass: 2 checks held, 2 not applicable; the tightest is free with 0 % of its limit left"},
		{"budgets: [{id: free, expr: free, must: \">= 1\"}, {id: depth, expr: depth, must: \">= 1\", severity: warn}]",
			"pass: 3 checks held; the tightest is free with 0 % of its limit left"}, // a warning that held has held
		{unprovoked + "budgets: [{id: free, expr: free, must: \"> 1\"}]", "fail: free: 1, must be > 1"},
	} {
		j, err := judge.Judge(t.Context(), e, stage.Load(t, row.document))
		require.NoError(t, err)
		require.Equal(t, row.reason, stage.InWords(j), row.document)
	}
}
