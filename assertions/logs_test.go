package assertions_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
)

func TestLogEvents(t *testing.T) {
	event := func(name string, fields ...string) assertions.Event {
		e := assertions.Event{Source: "log", Name: name, Fields: map[string]string{}}
		for i := 0; i < len(fields); i += 2 {
			e.Fields[fields[i]] = fields[i+1]
		}
		return e
	}
	good := event("Request complete", "level", "info", "status", "200", "took", "1.5", "ok", "true", "path", "")
	for name, row := range map[string]struct {
		events []assertions.Event
		want   []string
	}{
		"all is well":       {[]assertions.Event{good, good, event("Other")}, []string{`pass: 2 events "Request complete" have all their fields`}},
		"none was logged":   {nil, []string{`pass: 0 events "Request complete" have all their fields`}},
		"a field is absent": {[]assertions.Event{good, event("Request complete", "level", "INFO", "status", "200", "took", "1", "ok", "false")}, []string{`untruthful: 1 of 2 events "Request complete" lack the field path`}},
		"of other types": {[]assertions.Event{event("Request complete", "level", "WARN", "status", "2e2", "took", "long", "ok", "yes", "path", "/")}, []string{
			`untruthful: 1 of 1 events "Request complete" are not of the level INFO`,
			`untruthful: 1 of 1 events "Request complete" have a field ok that is not of the type boolean`,
			`untruthful: 1 of 1 events "Request complete" have a field status that is not of the type integer`,
			`untruthful: 1 of 1 events "Request complete" have a field took that is not of the type number`,
		}},
		"a span of that name": {[]assertions.Event{{Source: "span", Name: "Request complete"}}, []string{`pass: 0 events "Request complete" have all their fields`}},
	} {
		t.Run(name, func(t *testing.T) {
			e := newStage(t, "")
			e.events = row.events
			require.Equal(t, row.want, judge(t, e,
				"log_events: [{id: l, event: Request complete, level: INFO, fields: {status: integer, took: number, ok: boolean, path: text}}]"))
		})
	}
}

func TestSecretsAreFoundAndNotShown(t *testing.T) {
	e := newStage(t, "")
	e.families = []assertions.Family{
		{Name: "a_total", Help: "Of s3cret-key.", Labels: map[string][]string{"path": {"/?k=s3cret-key", "/"}}},
		{Name: "b", Help: "abc"},
	}
	e.events = []assertions.Event{
		{Source: "log", Name: "Got s3cret-key", Fields: map[string]string{"header": "X-API-Key: s3cret-key"}},
		{Source: "span", Name: "GET /", Fields: map[string]string{"url": "/"}},
	}
	findings, err := assertions.Secrets([]string{"s3cret-key", "abc"}).Judge(t.Context(), e)
	require.NoError(t, err)
	require.Equal(t, []string{
		`untruthful: a secret of the scenario is in the field header of log events "Got ***" (1 time)`,
		"untruthful: a secret of the scenario is in the help text of a_total (1 time)",
		"untruthful: a secret of the scenario is in the label path of a_total (1 time)",
		"untruthful: a secret of the scenario is in the name of a log event (1 time)",
	}, said(findings))

	findings, err = assertions.Secrets([]string{"another"}).Judge(t.Context(), e)
	require.NoError(t, err)
	require.Equal(t, []string{"pass: 1 secret not found anywhere"}, said(findings))
}
