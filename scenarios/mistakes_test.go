package scenarios

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"brrtload/internal/diag"
)

func TestEveryMistakeIsReportedAtOnce(t *testing.T) {
	_, err := Load(fstest.MapFS{"s.yaml": {Data: []byte(strings.TrimLeft(`
target: {bundled: {}, url: ftp://x}
stages:
  - {rate: 0, duration: 1s}
  - {rate: max, duration: 1s, name: steady}
  - {from: 5, durration: 1s}
  - {rate: 5, peak: 10, period: 1s, hold: 1s, duration: 3s}
credentials:
  key: {api_key: {header: X-API-Key, value: key-1}, basic: {username: u}}
requests:
  - {get: /a, credential: kye}
  - {get: /a, weight: -1}
  - {get: "/{{.Seq"}
  - {get: nowhere, post: /b, body: x, json: {}}
  - {name: empty}
  - {get: /d, body_file: none.txt, expect: [99]}
`, "\n"))}}, "s.yaml")
	require.Error(t, err)
	var lines []string
	for _, d := range err.(diag.List) {
		lines = append(lines, d.Error())
	}
	require.Equal(t, strings.TrimSpace(`
s.yaml:1:9: a target is either "bundled" or has a "url"
s.yaml:1:28: want a URL like http://127.0.0.1:8080
s.yaml:3:5: rate must be above 0; a stretch without hits is "pause: 5s"
s.yaml:4:12: nothing can follow a stage with a rate of max
s.yaml:4:37: stage name "steady" is taken
s.yaml:5:15: unknown field "durration"; did you mean "duration"?
s.yaml:6:5: "period" does not go with rate, peak, hold, duration
s.yaml:8:8: a credential is one of "api_key", "bearer" and "basic"
s.yaml:10:27: unknown credential "kye"; did you mean "key"?
s.yaml:11:5: weight must be 0 or more
s.yaml:11:5: request "GET /a" is given twice
s.yaml:12:12: template: unclosed action
s.yaml:13:5: a request has one method
s.yaml:13:5: give one of "body", "body_file" and "json"
s.yaml:13:11: a path begins with "/"
s.yaml:14:5: missing method and path: "get: /path", or "method" and "path"
s.yaml:15:26: open none.txt: file does not exist
s.yaml:15:45: no HTTP status: "99"
`), strings.Join(lines, "\n"))
}

func TestOneMistakeIsPlaced(t *testing.T) {
	for name, row := range map[string]struct{ yaml, want string }{
		"no requests":                 {"requests: []", "2:11: no request with a weight above 0"},
		"requests left out":           {"", `missing field "requests"`},
		"a negative timeout":          {"timeout: -1s\nrequests: [{get: /}]", "timeout must be above 0"},
		"too many connections":        {"connections: 100001\nrequests: [{get: /}]", "connections must be 100000 at most"},
		"a port that is none":         {"scrape: {endpoints: [{name: a, url: \"http://127.0.0.1:99999\"}]}\nrequests: [{get: /}]", "port 99999 is above 65535"},
		"no connections":              {"connections: 0\nrequests: [{get: /}]", "connections must be 1 or more"},
		"a template that cannot run":  {"requests: [{get: '/{{.Sequence}}'}]", "there is no such thing"},
		"a path with a fragment":      {"requests: [{get: /a#b}]", "write # as %23"},
		"a path with a space":         {"requests: [{get: /a b}]", "percent-encoded"},
		"a header with a line break":  {"requests: [{get: /, headers: {X: \"a\\r\\nY: b\"}}]", "not a header field"},
		"a credential called none":    {"credentials: {none: {}}\nrequests: [{get: /}]", `"none" is the name of showing no credential`},
		"a bearer of nothing":         {"credentials: {a: {bearer: {}}}\nrequests: [{get: /}]", `a bearer needs a "token", or a "secret"`},
		"a bearer of both":            {"credentials: {a: {bearer: {token: a-token, secret: a-secret}}}\nrequests: [{get: /}]", `a "token", or a "secret"`},
		"a CSV file that is missing":  {"requests: [{get: '/{{.CSV `x.csv` `id`}}'}]", "x.csv: file does not exist"},
		"targets that are missing":    {"requests: [{targets: x.txt}]", "x.txt: file does not exist"},
		"targets and a path":          {"requests: [{targets: x.txt, get: /}]", "targets bring their own"},
		"a sine deeper than its mean": {"stages: [{rate: 5, amplitude: 6, period: 1s, duration: 1s}]\nrequests: [{get: /}]", "an amplitude not above it"},
		"a spike that does not fit":   {"stages: [{rate: 5, peak: 6, rise: 1s, hold: 1s, duration: 2s}]\nrequests: [{get: /}]", "at least twice the rise"},
		"one step":                    {"stages: [{from: 5, to: 6, steps: 1, duration: 2s}]\nrequests: [{get: /}]", "two or more"},
		"a stage of a year":           {"stages: [{rate: 5, duration: 9000h}]\nrequests: [{get: /}]", "between 0 and 720h"},
		"hits of an open loop":        {"stages: [{rate: 5, duration: 1s, hits: 3}]\nrequests: [{get: /}]", "bounded by the rate"},
		"a phase that comes again":    {"stages: [{rate: 5, duration: 1s}, {rate: 5, duration: 1s, phase: burst}, {rate: 5, duration: 1s}]\nrequests: [{get: /}]", `the stages of phase "steady" do not follow each other`},
		"a phase of the run's":        {"stages: [{rate: 5, duration: 1s, phase: drain}]\nrequests: [{get: /}]", `phase name "drain" is taken`},
		"a stage named as a phase":    {"stages: [{rate: 5, duration: 1s, name: burst}, {rate: 5, duration: 1s, phase: burst}]\nrequests: [{get: /}]", `"burst" is that of a phase`},
		"a reload of nobody's target": {"stages: [{rate: 5, duration: 1s, reload: 100ms}]\nrequests: [{get: /}]", "sends SIGHUP to a target that is started for the run"},
		"an unknown transport":        {"transport: {client: curl}\nrequests: [{get: /}]", `got "curl"`},
		"HTTP/2 by fasthttp":          {"transport: {client: fasthttp, http2: true}\nrequests: [{get: /}]", "supports neither HTTP/2"},
		"a proxy that is no URL":      {"transport: {proxy: nowhere}\nrequests: [{get: /}]", "want a URL"},
		"an unknown TLS setting":      {"transport: {tls: {ca_fil: x}}\nrequests: [{get: /}]", "ca_fil"},
		"an unknown client setting":   {"scrape: {endpoints: [{name: a, url: 'http://a', http: {basic_aut: {}}}]}\nrequests: [{get: /}]", "basic_aut"},
	} {
		t.Run(name, func(t *testing.T) {
			yaml := "target: {url: http://example.test}\n" + row.yaml
			if !strings.Contains(yaml, "stages:") {
				yaml += "\nstages: [{rate: 1, duration: 1s}]"
			}
			_, err := Load(fstest.MapFS{"s.yaml": {Data: []byte(yaml)}}, "s.yaml")
			require.ErrorContains(t, err, row.want)
		})
	}
}

func FuzzLoad(f *testing.F) {
	smoke, err := shipped.ReadFile("smoke.yaml")
	require.NoError(f, err)
	f.Add(string(smoke))
	f.Add("target: {url: http://a}\nstages: [{from: 1, to: 5, steps: 3, duration: 9s}]\nrequests: [{get: '/{{.Random 1 2}}', query: {a: b}}]")
	f.Add("target: {url: http://a}\nstages: [{rate: max, hits: 5, duration: 9s}]\nrequests: [{method: X, path: /, json: {a: [1]}}]")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Load(fstest.MapFS{"s.yaml": {Data: []byte(text)}}, "s.yaml")
		if err != nil {
			return
		}
		p, err := s.Plan(1)
		if err != nil {
			t.Fatalf("Load passed what Plan refuses: %v", err)
		}
		if p.Hits() > 0 {
			if h := p.Hit(0); h.Err != nil || h.Message.Path[0] != '/' {
				t.Fatalf("hit 0: %+v", h)
			}
		}
	})
}
