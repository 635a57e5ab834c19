package scenarios

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"
)

// load reads a scenario of which only what follows the target and stages is written down.
func load(t *testing.T, rest string, files map[string]string) (*Scenario, error) {
	t.Helper()
	fsys := fstest.MapFS{"dir/s.yaml": {Data: []byte("target: {url: http://example.test}\nstages: [{rate: 1000, duration: 1s}]\n" + rest)}}
	for name, text := range files {
		fsys["dir/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return Load(fsys, "dir/s.yaml")
}

func plan(t *testing.T, seed uint64, rest string, files map[string]string) *Plan {
	t.Helper()
	s, err := load(t, rest, files)
	require.NoError(t, err)
	p, err := s.Plan(seed)
	require.NoError(t, err)
	return p
}

func TestTheSameSeedGivesTheSameHits(t *testing.T) {
	const yaml = "requests:\n  - get: /{{.Hex 8}}/{{.Random 1 1000000}}\n  - {get: /b, weight: 3}\n"
	a, same, other := plan(t, 7, yaml, nil), plan(t, 7, yaml, nil), plan(t, 8, yaml, nil)
	differ := 0
	for n := range a.Hits() {
		require.Equal(t, a.Hit(n).Message, same.Hit(n).Message)
		require.Equal(t, a.Hit(n).Message, a.Hit(n).Message)
		if a.Hit(n).Message.Path != other.Hit(n).Message.Path {
			differ++
		}
	}
	require.Greater(t, differ, int(a.Hits()/4))
}

func TestWeightsAreKept(t *testing.T) {
	p := plan(t, 1, "requests:\n  - {get: /a, weight: 1}\n  - {get: /b, weight: 3}\n  - {get: /never, weight: 0}\n", nil)
	count := map[string]int{}
	for n := range uint64(100_000) {
		count[p.Hit(n%p.Hits()+n/p.Hits()).Message.Path]++
	}
	require.InDelta(t, 3, float64(count["/b"])/float64(count["/a"]), 0.5)
	require.Zero(t, count["/never"])
}

func TestTemplates(t *testing.T) {
	p := plan(t, 1, "requests:\n  - post: /u/{{.CSV `users.csv` `id`}}/{{.Counter 100 2}}\n    query: {q: 'a b{{.Seq}}', a: '&'}\n    headers: {X-One: '{{.Choose `x`}}'}\n    json: {n: '{{.Seq}}', html: <b>}\n",
		map[string]string{"users.csv": "id,name\n7,Ann\n8,Bob\n9,Cy\n"})
	m := p.Hit(4).Message
	require.Equal(t, "/u/8/108?a=%26&q=a+b4", m.Path)
	require.Equal(t, `{"n":"4","html":"<b>"}`, string(m.Body))
	require.Equal(t, []Field{{"X-One", "x"}, {"Content-Type", "application/json"}}, m.Header)
	require.Empty(t, p.Messages())
}

func TestATemplateThatFailsForALaterHitSaysSo(t *testing.T) {
	p := plan(t, 1, "requests: [{get: '/{{if eq .Seq 3}}{{.Random 2 1}}{{end}}'}, {get: '/a', weight: 0}]\n", nil)
	require.NoError(t, p.Hit(2).Err)
	require.ErrorContains(t, p.Hit(3).Err, "no number lies between 2 and 1")
	p = plan(t, 1, "requests: [{get: '/{{if eq .Seq 3}} {{end}}'}]\n", nil)
	require.ErrorContains(t, p.Hit(3).Err, "percent-encoded")
}

func TestCredentials(t *testing.T) {
	s, err := load(t, `
credentials:
  key: {api_key: {header: X-Key, value: k3y-value}}
  basic: {basic: {username: ann, password: passw0rd}}
  given: {bearer: {token: not.a.token}}
  minted: {bearer: {secret: s3cret, claims: {sub: ann, scope: [read], n: 3}, expires: 1h}}
  expired: {bearer: {secret: s3cret, claims: {sub: ann}, expires: -1h}, fails: [{provider: jwt, reason: expired}]}
requests:
  - {get: /, credentials: [key, basic, given, minted, expired, none]}
`, nil)
	require.NoError(t, err)
	p, err := s.Plan(1)
	require.NoError(t, err)
	shown := map[string]string{}
	for n := range p.Hits() {
		h := p.Hit(n)
		if len(h.Message.Header) > 0 {
			shown[h.Credential] = h.Message.Header[0].Name + ": " + h.Message.Header[0].Value
		} else {
			shown[h.Credential] = ""
		}
	}
	require.Len(t, shown, 6)
	require.Equal(t, "X-Key: k3y-value", shown["key"])
	require.Equal(t, "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte("ann:passw0rd")), shown["basic"])
	require.Equal(t, "Authorization: Bearer not.a.token", shown["given"])
	require.Empty(t, shown[Anonymous])
	key := func(*jwt.Token) (any, error) { return []byte("s3cret"), nil }
	minted := strings.TrimPrefix(shown["minted"], "Authorization: Bearer ")
	token, err := jwt.Parse(minted, key)
	require.NoError(t, err)
	claims, err := json.Marshal(token.Claims.(jwt.MapClaims)["scope"])
	require.NoError(t, err)
	require.Equal(t, `["read"]`, string(claims))
	_, err = jwt.Parse(strings.TrimPrefix(shown["expired"], "Authorization: Bearer "), key)
	require.ErrorIs(t, err, jwt.ErrTokenExpired)
	require.Equal(t, []AuthFailure{{"jwt", "expired"}}, s.Credentials["expired"].Fails)
	for _, secret := range []string{"k3y-value", "passw0rd", "s3cret", minted, "not.a.token"} {
		require.Contains(t, s.Secrets(), secret)
	}
}

func TestVegetaTargets(t *testing.T) {
	p := plan(t, 1, "requests: [{targets: t.txt, name: replay}, {targets: t.json}]\n", map[string]string{
		"t.txt":  "GET http://elsewhere.test/a%2Fb/../c?x=1\nX-One: 1\nX-One: 2\n\nDELETE http://elsewhere.test\n\nPUT http://elsewhere.test//cdn/ä?q=ü\n\nHEAD http://elsewhere.test?a=b\n",
		"t.json": `{"method":"POST","url":"http://elsewhere.test/p","body":"aGVsbG8=","header":{"Content-Type":["text/plain"]}}`,
	})
	seen := map[string]Message{}
	for n := range p.Hits() {
		h := p.Hit(n)
		m := *h.Message
		m.Index = 0
		seen[h.Request.Name.Value+" "+m.Method] = m
	}
	require.Equal(t, map[string]Message{
		"replay GET":    {Method: "GET", Path: "/a%2Fb/../c?x=1", Header: []Field{{"X-One", "1"}, {"X-One", "2"}}, Body: []byte{}},
		"replay PUT":    {Method: "PUT", Path: "//cdn/%C3%A4?q=%C3%BC", Body: []byte{}},
		"replay HEAD":   {Method: "HEAD", Path: "/?a=b", Body: []byte{}},
		"replay DELETE": {Method: "DELETE", Path: "/", Body: []byte{}},
		"t.json POST":   {Method: "POST", Path: "/p", Header: []Field{{"Content-Type", "text/plain"}}, Body: []byte("hello")},
	}, seen)
}

func TestTargetsThatNameAnotherHostAreWarnedOf(t *testing.T) {
	files := map[string]string{"t.txt": "GET http://shop.test:81/a\n\nGET http://shop.test/b\n\nGET http://10.0.0.1/c\n"}
	s, err := load(t, "requests: [{get: /}, {targets: t.txt}]\n", files)
	require.NoError(t, err)
	for address, want := range map[string]string{
		"http://shop.test":    "dir/s.yaml:3:32: the targets name 10.0.0.1, shop.test:81; hits go to the scenario's target, shop.test",
		"http://127.0.0.1:80": "dir/s.yaml:3:32: the targets name 10.0.0.1, shop.test, shop.test:81; hits go to the scenario's target, 127.0.0.1:80",
	} {
		s.Target.URL.Value = address
		require.Len(t, s.Warnings(), 1)
		require.Equal(t, want, s.Warnings()[0].Error())
	}
}

// What follows the path in a browser's address bar is not for the server; letters that are not
// ASCII are encoded as a browser does.
func TestPathsAreFitForARequestLine(t *testing.T) {
	p := plan(t, 1, "requests: [{get: '/straße/{{.Choose `naïve`}}?q=日'}]\n", nil)
	require.Equal(t, "/stra%C3%9Fe/na%C3%AFve?q=%E6%97%A5", p.Hit(0).Message.Path)
	for _, request := range []string{"{get: '/page#part'}", "{get: '/{{.Choose `a#b`}}'}", "{targets: t.txt}"} {
		_, err := load(t, "requests: ["+request+"]\n", map[string]string{"t.txt": "GET http://a.test/x#y\n"})
		require.ErrorContains(t, err, "write # as %23", request)
	}
}

func TestRestage(t *testing.T) {
	s, err := load(t, "warmup: {rate: 1, duration: 3s}\nrequests: [{get: /}]\n", nil)
	require.NoError(t, err)
	require.NoError(t, s.Restage("2s@50,3s@50..100"))
	p, err := s.Plan(1)
	require.NoError(t, err)
	require.Equal(t, []Span{
		{"warm-up", WarmUp, 0, 3 * time.Second, 0}, {"stage 1", Steady, 3 * time.Second, 5 * time.Second, 0}, {"stage 2", Steady, 5 * time.Second, 8 * time.Second, 0},
	}, p.Stages())
	require.Equal(t, uint64(3+100+225), p.Hits())
	require.Error(t, s.Restage("2s"))
	for _, nothing := range []string{"2s@0", "2s@0/s,3s@0.0"} {
		require.ErrorContains(t, s.Restage(nothing), "no hit would be sent", nothing)
	}
	require.NoError(t, s.Restage("2s@0,3s@50"), "a pause before hits is one")
}

func TestStagesHavePhasesAndReloads(t *testing.T) {
	s, err := Load(fstest.MapFS{"s.yaml": {Data: []byte(`
target: {bundled: {}}
warmup: {rate: 1, duration: 1s}
stages:
  - {rate: 5, duration: 1s}
  - {name: first wave, phase: waves, rate: 9, duration: 1s, reload: 300ms}
  - {name: second wave, phase: waves, rate: 9, duration: 1s}
  - {phase: recovery, rate: 5, duration: 1s}
requests: [{get: /}]
`)}}, "s.yaml")
	require.NoError(t, err)
	require.True(t, s.Reloads())
	p, err := s.Plan(0)
	require.NoError(t, err)
	require.True(t, p.Reloads())
	var got []string
	for _, span := range p.Stages() {
		got = append(got, fmt.Sprint(span.Phase, " ", span.Name, " ", span.Reload))
	}
	require.Equal(t, []string{"warm-up warm-up 0s", "steady stage 1 0s", "waves first wave 300ms", "waves second wave 0s", "recovery stage 4 0s"}, got)
}

func TestRescale(t *testing.T) {
	s, err := Load(fstest.MapFS{"s.yaml": {Data: []byte(`
target: {url: http://example.test}
warmup: {rate: 10, duration: 1s}
stages:
  - {rate: 10, duration: 30m}
  - {rate: 10, peak: 100, rise: 2m, hold: 4m, duration: 20m, phase: spike}
  - {pause: 10m, phase: rest}
requests: [{get: /}]
`)}}, "s.yaml")
	require.NoError(t, err)
	require.NoError(t, s.Rescale(time.Minute))
	p, err := s.Plan(0)
	require.NoError(t, err)
	require.Equal(t, time.Minute+time.Second, p.Length(), "the warm-up is as it was")
	require.Equal(t, "100/s", p.Peak().String(), "so are the rates")
	spans := p.Stages()
	require.Equal(t, []time.Duration{31 * time.Second, 51 * time.Second}, []time.Duration{spans[1].End, spans[2].End})
	require.EqualValues(t, 10+300+200+6*90, p.Hits(), "the rise and the hold are shortened as well")
	require.EqualValues(t, "spike", spans[2].Phase)
	require.ErrorContains(t, s.Rescale(-time.Second), "cannot be made to last -1s")
}

func BenchmarkHit(b *testing.B) {
	s, err := Load(Shipped(), "smoke.yaml")
	require.NoError(b, err)
	p, err := s.Plan(1)
	require.NoError(b, err)
	b.ReportAllocs()
	n := uint64(0)
	for b.Loop() {
		p.Hit(n)
		n = (n + 1) % p.Hits()
	}
}
