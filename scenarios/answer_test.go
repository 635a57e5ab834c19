package scenarios_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"brrtload/scenarios"
)

// Each check passes the answer that has what it asks for, and fails one that has not.
func TestChecksOfAnswers(t *testing.T) {
	const body = `{"total": 3, "open": true, "none": null, "items": [{"id": "a"}, {"id": "b"}], "tag": {"x": 1}}`
	for check, fails := range map[string]string{
		"{header: content-type, contains: json}":      "",
		"{header: Content-Type, equals: text/html}":   "header Content-Type equals text/html",
		"{header: X-Request-Id}":                      "header X-Request-Id",
		"{json: $.total}":                             "",
		"{json: $.missing}":                           "json $.missing",
		"{json: $.total, equals: 3}":                  "",
		"{name: three, json: $.total, equals: 4}":     "three",
		"{json: $.open, equals: true}":                "",
		"{json: $.none, equals: 'null'}":              "",
		"{json: $.tag, equals: '{\"x\":1}'}":          "",
		"{json: '$.items[*].id', equals: b}":          "",
		"{json: '$.items[?@.id==\"b\"]'}":             "",
		"{json: '$.items[?@.id==\"c\"]'}":             `json $.items[?@.id=="c"]`,
		"{json: '$.items[0].id', matches: '^[a-c]$'}": "",
		"{contains: total}":                           "",
		"{contains: nothing of it}":                   "body contains nothing of it",
		"{matches: '\"total\": \\d+'}":                "",
		"{matches: '^total'}":                         "body matches ^total",
		"{equals: ''}":                                "body equals ",
		"{min_bytes: 10, max_bytes: 200}":             "",
		"{max_bytes: 10}":                             "body size",
		"{contains: total, max_bytes: 10}":            "body contains total size",
	} {
		s := withChecks(t, check)
		require.Equal(t, fails, s.Requests[0].Fails(answer(body)), check)
	}
}

func withChecks(t *testing.T, checks string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Load(fstest.MapFS{"s.yaml": {Data: []byte(`
target: {url: http://127.0.0.1:1}
stages: [{rate: 1, duration: 1s}]
requests: [{get: /a, checks: [` + checks + `]}]
`)}}, "s.yaml")
	require.NoError(t, err)
	return s
}

func answer(body string) scenarios.Answer {
	return scenarios.Answer{Body: []byte(body), Bytes: int64(len(body)), Header: func(name string) (string, bool) {
		if name == "Content-Type" || name == "content-type" {
			return "application/json", true
		}
		return "", false
	}}
}

// The first check that fails names the error. What cannot be read is said.
func TestChecksInOrder(t *testing.T) {
	r := withChecks(t, "{contains: a}, {name: second, json: $.a}, {json: $.b}").Requests[0]
	require.Equal(t, "", r.Fails(answer(`{"a": 1, "b": 2}`)))
	require.Equal(t, "second", r.Fails(answer(`{"b": "a"}`)))
	require.Equal(t, "second (the body is not JSON)", r.Fails(answer(`a page`)))
	large := answer("a")
	large.Bytes = scenarios.MaxChecked + 1
	require.Equal(t, "body contains a (the body is larger than 4 MiB)", r.Fails(large))
	require.True(t, r.ReadsBody())
	require.Equal(t, []string{
		"body contains a",
		"body contains a (the body is larger than 4 MiB)",
		"second",
		"second (the body is not JSON)",
		"second (the body is larger than 4 MiB)",
		"json $.b",
		"json $.b (the body is not JSON)",
		"json $.b (the body is larger than 4 MiB)",
	}, r.Failures())
	sized := withChecks(t, "{max_bytes: 5}, {header: ETag}").Requests[0]
	require.False(t, sized.ReadsBody())
}
