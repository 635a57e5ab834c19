package checks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
	"brrtload/internal/facts"
)

func TestLiveness(t *testing.T) {
	const series = `
requests_total{handler="list"} 0+2060x20
requests_total{handler="get"} 0+10x20
requests_total{handler="idle"} 0x20
frozen{handler="list"} 4x20
frozen{handler="get"} 4x5 5x14
frozen{handler="idle"} 0x20
mark{handler="list"} 900x20
mark{handler="get"} 0x20
late _x10 7x9
`
	for name, row := range map[string]struct {
		rule string
		want []string
	}{
		"it moves": {
			`{id: l, metric: requests_total, stimulus: 'sum(increase(requests_total[range()] anchored))', what: requests}`,
			[]string{"pass: requests_total reacted to 41,400 requests"},
		},
		"a dead series among live ones, by the labels of the stimulus": {
			`{id: l, metric: frozen, stimulus: 'sum by (handler) (increase(requests_total[range()] anchored))', what: requests}`,
			[]string{`pass: handler="get": frozen reacted to 200 requests`, `untruthful: handler="list": frozen stayed 4 through 41,200 requests`},
		},
		"a high-water mark need not move, but be above zero": {
			`{id: l, metric: mark, must: be_positive, stimulus: 'sum by (handler) (increase(requests_total[range()] anchored))', what: requests}`,
			[]string{`untruthful: handler="get": mark stayed 0 through 200 requests`, `pass: handler="list": mark reacted to 41,200 requests`},
		},
		"a series that appears has moved": {
			`{id: l, metric: late, stimulus: 'sum(increase(requests_total[range()] anchored))', what: requests}`,
			[]string{"pass: late reacted to 41,400 requests"},
		},
		"without a stimulus nothing is asked": {
			`{id: l, metric: frozen, stimulus: 'increase(requests_total[range()] anchored) > 50000', what: requests}`,
			[]string{"not applicable: nothing provoked it: there were no requests"},
		},
		"a metric that is not there": {
			`{id: l, metric: marks, stimulus: 'sum(increase(requests_total[range()] anchored))', what: requests}`,
			[]string{`does not fit: marks is not exposed; did you mean "mark"?`},
		},
		"nor anything like it": {
			`{id: l, metric: depth, stimulus: 'sum(increase(requests_total[range()] anchored))', what: requests}`,
			[]string{`does not fit: depth is not exposed`},
		},
		"a stimulus that is not there": {
			`{id: l, metric: frozen, stimulus: 'increase(request_total[range()] anchored)', what: requests}`,
			[]string{"does not fit: request_total is not exposed: stimulus unknown"},
		},
		"a metric that need not be there": {
			`{id: l, metric: marks, on_missing: pass, stimulus: 'sum(increase(requests_total[range()] anchored))', what: requests}`,
			[]string{`not applicable: marks is not exposed; did you mean "mark"?; that is allowed here`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := stage.New(t, series)
			e.Metadata = []facts.Family{{Name: "mark", Type: "gauge"}}
			require.Equal(t, row.want, stage.Judge(t, e, "liveness: ["+row.rule+"]"))
		})
	}
}

func TestADeadMetricTaintsItsBudgets(t *testing.T) {
	e := stage.New(t, stage.Sound+"stack_used_bytes 0x25\nrequests_total 0+10x25")
	j, err := judge.Judge(t.Context(), e, stage.Load(t, `budgets:
  - {id: stack, expr: 'max(max_over_time(stack_used_bytes[range()]))', must: "< 12KiB"}
liveness:
  - {id: stack-alive, metric: stack_used_bytes, must: be_positive, stimulus: 'sum(increase(requests_total[range()] anchored))', what: requests}
`))
	require.NoError(t, err)
	require.Equal(t, "untruthful: stack-alive: stack_used_bytes stayed 0 through 200 requests (1 check depends on it)", stage.InWords(j))
	require.Equal(t, "rests on stack_used_bytes, which stack-alive found untruthful; by itself: pass, 0 B, must be < 12 KiB", j.Checks[1].Sentence())
}
