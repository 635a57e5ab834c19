package checks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
	"brrtload/internal/facts"
)

const someSpans = `brrtload_spans_total{name="GET",kind="server"} 0+8x25
dropped_total 0x25`

func TestSpans(t *testing.T) {
	trace := func(n uint64, fields ...string) facts.Event {
		e := facts.Event{Source: facts.FromTrace, Count: n, Fields: map[string]string{"roots": "1", "root": "server", "joined": "true",
			"attribute status": "200", "child match": "1", "child write": "1"}}
		for i := 0; i < len(fields); i += 2 {
			e.Fields[fields[i]] = fields[i+1]
			if fields[i+1] == "" {
				delete(e.Fields, fields[i])
			}
		}
		return e
	}
	const whole = `spans: [{id: s, root: server, children: [match, write], optional: [check], doubt: 'sum(increase(dropped_total[range()] anchored))'`
	for name, row := range map[string]struct {
		series string
		events []facts.Event
		yaml   string
		want   []string
	}{
		"all is well": {someSpans, []facts.Event{trace(8), trace(2, "child check", "2"), trace(1, "deeper check", "1"), trace(1, "joined", "")}, whole + "}]",
			[]string{"pass: 12 traces are whole"}},
		"a child is missing": {someSpans, []facts.Event{trace(8), trace(2, "child write", "")}, whole + "}]",
			[]string{"untruthful: 2 of 10 traces lack a span write under the root"}},
		"a child twice": {someSpans, []facts.Event{trace(2, "child write", "2")}, whole + "}]",
			[]string{"untruthful: 2 of 2 traces have more than one span write"}},
		"a child that hangs elsewhere": {someSpans, []facts.Event{trace(2, "child write", "", "deeper write", "1")}, whole + "}]", []string{
			"untruthful: 2 of 2 traces have a span write that is not declared there",
			"untruthful: 2 of 2 traces lack a span write under the root"}},
		"a span that nobody declared": {someSpans, []facts.Event{trace(2, "child else", "1")}, whole + "}]",
			[]string{"untruthful: 2 of 2 traces have a span else that is not declared there"}},
		"undeclared spans, when none are declared": {someSpans, []facts.Event{trace(2, "child else", "1")}, "spans: [{id: s}]",
			[]string{"pass: 2 traces are whole"}},
		"no root": {someSpans, []facts.Event{trace(8), trace(2, "roots", "0", "orphans", "3", "root", "")}, whole + "}]", []string{
			"untruthful: 2 of 10 traces have no root",
			"untruthful: 2 of 10 traces have spans whose parent is missing"}},
		"several": {someSpans, []facts.Event{trace(2, "roots", "2", "twins", "1")}, whole + "}]", []string{
			"untruthful: 2 of 2 traces have several roots",
			"untruthful: 2 of 2 traces have two spans with the same id"}},
		"a root of another kind": {someSpans, []facts.Event{trace(2, "root", "internal")}, whole + "}]",
			[]string{"untruthful: 2 of 2 traces have a root that is not of the kind server"}},
		"another parent than was sent": {someSpans, []facts.Event{trace(2, "joined", "false")}, whole + "}]",
			[]string{"untruthful: 2 of 2 traces do not continue the traceparent that was sent"}},
		"chosen by an attribute": {someSpans, []facts.Event{trace(8), trace(2, "attribute status", "404", "child write", "")}, whole + `, where: {status: "2.."}}]`,
			[]string{"pass: 8 traces are whole"}},
		"none that is chosen": {someSpans, []facts.Event{trace(8)}, whole + `, where: {status: "5.."}}]`,
			[]string{"not applicable: no trace is of those that are chosen"}},
		"an attribute that no trace has": {someSpans, []facts.Event{trace(8)}, whole + `, where: {statsu: "2..", status: "2.."}}]`,
			[]string{"inconclusive: no trace has the attribute statsu, by which they are chosen"}},
		"an attribute that matches in part": {someSpans, []facts.Event{trace(8, "attribute status", "2000")}, whole + `, where: {status: "2.."}}]`,
			[]string{"not applicable: no trace is of those that are chosen"}},
		"none came in": {someSpans, nil, whole + "}]", []string{"inconclusive: no trace came in: nothing to look at"}},
		"spans were dropped": {"brrtload_spans_total 0+8x25\ndropped_total 0x5 3x20", []facts.Event{trace(8), trace(2, "child write", "")}, whole + "}]",
			[]string{"inconclusive: 2 of 10 traces lack a span write under the root; 3 were dropped before they could be counted"}},
		"nothing was taken in": {"x 0x25", nil, whole + "}]", []string{"inconclusive: no spans were taken in: the scenario needs a `traces` section, " +
			"and a target that brrtload starts or one that exports to its `listen` address"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := stage.New(t, row.series)
			e.Recorded = row.events
			require.Equal(t, row.want, stage.Judge(t, e, row.yaml))
		})
	}
}

func TestAnIdentityWithTheLogAccusesNoCounter(t *testing.T) {
	list := stage.Load(t, `identities:
  - id: log
    what: requests
    other: sum(increase(requests_total[range()] anchored))
    server: sum(increase(brrtload_log_events_total{event="Request complete"}[range()] anchored))
    doubt: sum(increase(brrtload_log_events_dropped_total[range()] anchored))
budgets:
  - {id: rate, expr: 'sum(increase(requests_total[range()] anchored))', must: "> 1"}
`)
	series := stage.Sound + "requests_total 0+8x25\nbrrtload_log_events_total{event=\"Request complete\"} 0+7x25\nbrrtload_log_events_dropped_total 0x25"
	j, err := judge.Judge(t.Context(), stage.New(t, series), list)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"delivery": "pass", "log": "untruthful", "rate": "pass"}, stage.Verdicts(j), "the client's identities say whether the counter is right")
	require.Equal(t, "untruthful: log: requests_total counted 160 requests, the log 140", stage.InWords(j))

	j, err = judge.Judge(t.Context(), stage.New(t, stage.Sound+"requests_total 0+8x25\nbrrtload_log_events_total{event=\"Request complete\"} 0+7x25\nbrrtload_log_events_dropped_total 0x5 2x20"), list)
	require.NoError(t, err)
	require.Equal(t, "inconclusive: log: requests_total counted 160 requests, the log 140; 2 were dropped before they could be counted", stage.InWords(j))

	j, err = judge.Judge(t.Context(), stage.New(t, stage.Sound+"requests_total 0+8x25"), list)
	require.NoError(t, err)
	require.Equal(t, "inconclusive: log: no log was taken in: the scenario needs a `logs` section, and a target that brrtload starts or a log file that is there: nothing to reconcile with", stage.InWords(j))
}
