package checks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/assertions/checks"
	"brrtload/assertions/internal/stage"
	"brrtload/assertions/packs"
	"brrtload/internal/facts"
)

const aLog = `brrtload_log_lines_total{from="start"} 0+8x25`

func TestLogEvents(t *testing.T) {
	event := func(name string, n uint64, fields ...string) facts.Event {
		e := facts.Event{Source: facts.FromLog, Name: name, Count: n, Fields: map[string]string{}}
		for i := 0; i < len(fields); i += 2 {
			e.Fields[fields[i]] = fields[i+1]
		}
		return e
	}
	good := event("Request complete", 20, "@level", "info", "status", "integer number", "took", "number", "ok", "boolean", "path", "text")
	const fields = ", level: INFO, fields: {status: integer, took: number, ok: boolean, path: text}}]"
	for name, row := range map[string]struct {
		series string
		events []facts.Event
		more   string
		want   []string
	}{
		"all is well":         {aLog, []facts.Event{good, good, event("Other", 5)}, "", []string{`pass: 40 events "Request complete" have all their fields`}},
		"none was logged":     {aLog, nil, "", []string{`not applicable: there were no events "Request complete"`}},
		"one of another name": {aLog, []facts.Event{event("Request failed", 5)}, "", []string{`not applicable: there were no events "Request complete"`}},
		"one of nearly that name": {aLog, []facts.Event{event("Request completed", 5)}, "", []string{
			`does not fit: no event has the name "Request complete"; did you mean "Request completed"?`}},
		"a field is absent": {aLog, []facts.Event{good, event("Request complete", 2, "@level", "INFO", "status", "integer number", "took", "integer number", "ok", "boolean")}, "",
			[]string{`untruthful: 2 of 22 events "Request complete" lack the field path`}},
		"of other types": {aLog, []facts.Event{event("Request complete", 3, "@level", "WARN", "status", "text", "took", "text", "ok", "null", "path", "integer number")}, "", []string{
			`untruthful: 3 of 3 events "Request complete" are not of the level INFO`,
			`untruthful: 3 of 3 events "Request complete" have a field ok that is not of the type boolean`,
			`untruthful: 3 of 3 events "Request complete" have a field path that is not of the type text`,
			`untruthful: 3 of 3 events "Request complete" have a field status that is not of the type integer`,
			`untruthful: 3 of 3 events "Request complete" have a field took that is not of the type number`,
		}},
		"a trace of that name": {aLog, []facts.Event{{Source: facts.FromTrace, Name: "Request complete", Count: 1}}, "",
			[]string{`not applicable: there were no events "Request complete"`}},
		"too few": {aLog, []facts.Event{good}, "at_least: 21, ", []string{`untruthful: 20 events "Request complete", want 21 or more`}},
		"too few in a log that was read from the middle": {`brrtload_log_lines_total{from="middle"} 0+8x25`, nil, "at_least: 1, ",
			[]string{`inconclusive: 0 events "Request complete", want 1 or more; the log was not read from the service's start`}},
		"no log": {"x 0x25", []facts.Event{good}, "", []string{
			"inconclusive: no log was taken in: the scenario needs a `logs` section, and a target that brrtload starts or a log file that is there"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := stage.New(t, row.series)
			e.Recorded = row.events
			require.Equal(t, row.want, stage.Judge(t, e, "log_events: [{id: l, "+row.more+"event: Request complete"+fields))
		})
	}
}

func TestIntakeIsToldWhatToKeep(t *testing.T) {
	list := stage.Load(t, `log_events:
  - {id: a, event: E, fields: {x: text, y: text}, by: {l: x}}
  - {id: b, event: E, fields: {y: text, z: text}, by: {m: z}}
  - {id: c, event: F, fields: {x: text}}
spans:
  - {id: d, where: {b.c: "1", a: "2"}, by: {status: http.status}}
  - {id: e, where: {a: "3"}}
`)
	require.Equal(t, facts.Wants{
		Events: map[string]facts.EventWants{
			"E": {Labels: map[string]string{"l": "x", "m": "z"}, Fields: []string{"x", "y", "z"}},
			"F": {Labels: map[string]string{}, Fields: []string{"x"}},
		},
		SpanLabels: map[string]string{"status": "http.status"},
		Attributes: []string{"a", "b.c"},
	}, assertions.Intake(list))
	_, err := packs.Load(stage.Files{"a.yaml": "log_events: [{id: a, event: E, fields: {x: text}, by: {level: x}}]"}.FS(), "a.yaml")
	require.ErrorContains(t, err, `"level" cannot be a label to count by`)
}

func TestSecretsAreFoundAndNotShown(t *testing.T) {
	e := stage.New(t, "brrtload_secrets_sought 3x25")
	e.Recorded = []facts.Event{
		{Source: facts.FromScreen, Name: "the help text of a_total", Count: 1},
		{Source: facts.FromScreen, Name: `the field header of log events "Request complete"`, Count: 12,
			Fields: map[string]string{facts.OwnerField: `credential "staging"`, facts.LineField: "line 7 of target.log"}},
		{Source: facts.FromLog, Name: "Request complete", Count: 12},
	}
	look := func(e facts.Evidence) []string {
		findings, err := checks.Secrets{}.Judge(t.Context(), e)
		require.NoError(t, err)
		return stage.Said(findings)
	}
	require.Equal(t, []string{
		"untruthful: a secret of the scenario is in the help text of a_total (1 time)",
		`untruthful: the secret of credential "staging" is in the field header of log events "Request complete" (12 times, first in line 7 of target.log)`,
	}, look(e))
	e.Without = "run"
	require.Len(t, look(e), 2, "a secret is a secret in a run that was cut short, too")

	e = stage.New(t, "brrtload_secrets_sought 3x25")
	require.Equal(t, []string{"pass: 3 secrets not found anywhere"}, look(e))
	e.Without = "run"
	require.Contains(t, look(e)[0], "inconclusive: the run has no complete window")
	require.Equal(t, []string{"inconclusive: secrets were not looked for"}, look(stage.New(t, "x 0x25")))
}
