package scenarios

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestSecretsAreKnownInEveryForm(t *testing.T) {
	env := map[string]string{"TOKEN": "from-env", "PART": "part-of-it", "COOKIE": "sid=1234", "PROXY_PASSWORD": "p%2Fw0rd"}
	o := Settings{Environment: func(name string) (string, bool) { value, ok := env[name]; return value, ok }}
	s, err := o.Load(fstest.MapFS{"dir/s.yaml": {Data: []byte(`
target: {url: "http://u:in-the-url@127.0.0.1:8080"}
transport: {proxy: "http://u:${PROXY_PASSWORD}@127.0.0.1:3128"}
scrape: {http: {basic_auth: {username: u, password: of-the-scrape}}}
stages: [{rate: 1, duration: 1s}]
credentials:
  literal: {api_key: {header: X-A, value: "a \"quoted\" key"}}
  env: {bearer: {token: {env: TOKEN}}}
  file: {bearer: {secret: {file: key.pem}, claims: {sub: x}}}
  part: {basic: {username: somebody, password: "x-${PART}"}}
requests:
  - {get: /, credentials: [literal, env, file, part], headers: {Cookie: "${COOKIE}", Authorization: Bearer in-the-header, X-B: not-a-secret}}
`)}, "dir/key.pem": {Data: []byte("first line\nsecond line\n")}}, "dir/s.yaml")
	require.NoError(t, err)
	secrets := s.Secrets()
	for _, want := range []string{`a "quoted" key`, `a \"quoted\" key`, "from-env", "first line\nsecond line", "second line", "x-part-of-it", "part-of-it",
		"sid=1234", "in-the-header", "in-the-url", "of-the-scrape", "p/w0rd", "p%2Fw0rd", s.Credentials["file"].Bearer.shown, s.Credentials["part"].Basic.encoded()} {
		require.Contains(t, secrets, want)
	}
	require.NotContains(t, secrets, "not-a-secret")
	require.NotContains(t, secrets, "somebody")
	for _, shown := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(shown, s.Credentials["literal"].APIKey), "quoted")
		require.NotContains(t, fmt.Sprintf(shown, s.Credentials["env"].Bearer.Token), "from-env")
	}
	require.Equal(t, "token="+Redacted+"; "+Redacted, s.Redactor().Replace("token=from-env; p/w0rd"))
}

func TestAKeptScenarioNeedsNoSecrets(t *testing.T) {
	o := Settings{Kept: true, Environment: func(name string) (string, bool) { return "100ms", name == "LIMIT" }}
	s, err := o.Load(fstest.MapFS{"s.yaml": {Data: []byte(`
target: {url: "http://127.0.0.1:8080"}
timeout: ${LIMIT}
stages: [{rate: 1, duration: 1s}]
credentials:
  env: {bearer: {token: {env: GONE}}}
  file: {bearer: {secret: {file: gone.pem}, claims: {sub: x}}}
requests: [{get: /, credentials: [env, file]}]
`)}}, "s.yaml")
	require.NoError(t, err)
	require.Equal(t, Redacted, s.Credentials["env"].Bearer.Token.Reveal())
}
