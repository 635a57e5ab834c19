package main

import (
	"bytes"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/config"
)

// question is one request of the corpus; headers are "Name: value".
type question struct {
	method, path, body string
	headers            []string
}

// answer is what must be the same in both builds.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

func corpus(t *testing.T) []question {
	token := func(scope string, exp int64) string {
		signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iss": config.DemoIssuer, "aud": config.DemoAudience,
			"scope": scope, "exp": exp}).SignedString([]byte(config.DemoBearerSecret))
		require.NoError(t, err)
		return "Authorization: Bearer " + signed
	}
	hour := time.Now().Add(time.Hour).Unix()
	credentials := [][]string{nil, {"X-API-Key: test-key"}, {"X-API-Key: wrong"}, {token("users:read digest:write", hour)},
		{token("other", hour)}, {token("users:read", 1)}, {"Authorization: Basic eDp5"}, {"X-Remote-Key: remote-test-key"},
		{"X-Remote-Key: remote-other"}, {"X-Remote-Key: wrong"}}
	var out []question
	for _, path := range []string{"/pets", "/pets/1", "/pets/1001", "/pets/x", "/users", "/users/1", "/reports/7", "/search?q=a&limit=3",
		"/page/5", "/docs/openapi.yaml", "/nowhere", "/pets/"} {
		for _, c := range credentials {
			out = append(out, question{"GET", path, "", c})
		}
	}
	for _, body := range []string{`{"name":"Zoe","tag":"cat"}`, `{"name":""}`, `{"name":1}`, `{`, ``, `[1,{"a":null}]`, strings.Repeat("[", 1100),
		`{"name":"Zoe"} x`, "\x00\xff", `"` + strings.Repeat("a", 2<<20) + `"`} {
		for _, path := range []string{"/pets", "/digest"} {
			for _, c := range credentials[:4] {
				out = append(out, question{"POST", path, body, c})
			}
		}
	}
	for _, path := range []string{"/users/1000/posts", "/users/1001/posts", "/users/3/posts/4", "/users/3/posts/101", "/users/x/posts/1",
		"/search", "/search?q=", "/search?q=zzz", "/search?q=o&limit=0", "/search?q=o&offset=990", "/page/0", "/page/1001", "/tree?depth=0",
		"/tree?depth=200", "/tree?depth=-1", "/tree", "/download?bytes=0", "/download?bytes=70000", "/download?bytes=x", "/wait?ms=0",
		"/wait?ms=2", "/wait?ms=", "/compute?us=100", "/compute?us=-5", "/static/hello.txt", "/static/style.css", "/static/absent",
		"/static/..%2fdocs%2findex.html", "/docs/index.html", "/users/%31", "/users/%2f", "//users/1", "/health", "/ready"} {
		for _, method := range []string{"GET", "HEAD", "POST", "DELETE", "BREW"} {
			out = append(out, question{method, path, "", nil})
		}
	}
	return out
}

func (p *process) answer(q question) answer {
	p.t.Helper()
	request, err := http.NewRequest(q.method, p.listen+q.path, strings.NewReader(q.body))
	require.NoError(p.t, err)
	for _, header := range q.headers {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(p.t, err, "%s %s", q.method, q.path)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(p.t, err)
	response.Header.Del("Date")
	return answer{response.StatusCode, response.Header, string(body)}
}

func TestBothBuildsAnswerAlike(t *testing.T) {
	instrumented, bare := launch(t, binaries.instrumented), launch(t, binaries.bare)
	questions := corpus(t)
	require.Greater(t, len(questions), 300)
	statuses := map[int]int{}
	for _, q := range questions {
		want, got := instrumented.answer(q), bare.answer(q)
		statuses[want.Status]++
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s %s %.60q %v (-instrumented +bare):\n%s", q.method, q.path, q.body, q.headers, diff)
		}
	}
	for _, status := range []int{200, 201, 400, 401, 403, 404, 405, 413} {
		require.NotZero(t, statuses[status], "no answer of %d in the corpus", status)
	}

	status, _ := bare.ask("GET", bare.listen+"/metrics", "")
	require.Equal(t, http.StatusNotFound, status)
	for _, p := range []*process{instrumented, bare} {
		status, text := p.ask("GET", p.admin+"/runtime", "")
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, text, `"/gc/heap/allocs:bytes":`)
		status, _ = p.ask("GET", p.admin+"/debug/pprof/heap?debug=1", "")
		require.Equal(t, http.StatusOK, status)
	}
	exit, log := bare.end(syscall.SIGTERM)
	require.Zero(t, exit)
	require.Empty(t, log, "the bare build writes no event")
}

func TestBareBuildLinksNoTelemetry(t *testing.T) {
	list := func(arguments ...string) string {
		out, err := exec.Command("go", append(append([]string{"list", "-deps"}, arguments...), ".")...).Output()
		require.NoError(t, err)
		return string(out)
	}
	with, without := list(), list("-tags", "notelemetry")
	for _, module := range []string{"github.com/prometheus/client_golang", "github.com/prometheus/client_model"} {
		require.Contains(t, with, module)
	}
	for _, module := range []string{"prometheus", "opentelemetry", "targetsvc/internal/allocs", "targetsvc/internal/tracing"} {
		require.NotContains(t, without, module)
	}
	about, err := exec.Command("go", "version", "-m", binaries.bare).Output()
	require.NoError(t, err)
	require.True(t, bytes.Contains(about, []byte("-tags=notelemetry")))
	require.NotContains(t, string(about), "client_golang")
}
