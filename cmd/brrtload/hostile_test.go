package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/reports/formats"
)

// attack tries to steer a terminal, to give a CI system orders, and to break out of Markdown, XML,
// HTML and templates.
const attack = "\x1b[31mred\x1b]0;title\x07\u009b31m\u202etxt.exe\n::set-output name=x::pwned\n##[group]pwned\nx=pwned\n" +
	"# heading\n<script>alert(1)</script> ![x](http://evil/p.png) | `code` ]]> {{ .Secret }} ${{ github.token }} $(id)"

// hostile is a service all of whose words are attacks.
func hostile(t *testing.T) *fixture {
	f := service(t)
	label := strings.NewReplacer("\n", `\n`, `"`, `\"`).Replace(attack)
	f.scraped = func(w http.ResponseWriter, r *http.Request) {
		f.expose(w, r)
		_, _ = fmt.Fprintf(w, "# HELP hostile_depth %s\n# TYPE hostile_depth gauge\nhostile_depth{queue=\"%s\"} 9\n", strings.ReplaceAll(attack, "\n", `\n`), label)
	}
	return f
}

// wicked is a scenario all of whose words are attacks, too. YAML itself refuses control characters
// that are written as they are, not those that are written as escapes.
func wicked(url, extra string) string {
	word := strconv.QuoteToASCII(strings.NewReplacer("\n", " ", "${", "$${").Replace(attack))
	return fmt.Sprintf(`
name: hostile
target: {url: %s%s}
connections: 2
warmup: {rate: 50, duration: 300ms}
stages: [{rate: max, duration: 500ms}]
requests: [{name: %s, get: /}]
budgets:
  - {id: depth, expr: hostile_depth, must: "< 1", why: %s}
identities:
  - id: requests
    what: %s
    client: sum by (status) (increase(brrtload_hits_total{outcome="answered"}[range()] anchored))
    server: 2 * sum by (status) (increase(fixture_requests_total[range()] anchored))
`, url, extra, word, word, word)
}

// TestHostileWordsAreInert runs the real program against a service, a scenario and a log full of
// attacks, as in a GitHub job, and looks at all that it writes for people and machines.
func TestHostileWordsAreInert(t *testing.T) {
	u := &upset{fixture: hostile(t), said: new(shared)}
	u.refuse = func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, attack)
	}
	tty := filepath.Join(filepath.Dir(u.run), "words")
	require.NoError(t, os.WriteFile(tty, []byte(attack+"\n"), 0o644))
	script := `cat "$WORDS"; while [ ! -e "$RUN.die" ]; do sleep 0.02; done; cat "$WORDS"; rm "$RUN.die"; exit 7`
	u.kept(t, "scrapes/"+endOfWarmup+"-target.txt", func() { u.die(t) })
	var o *outcome
	u.command, o = u.prepare(t, wicked(u.URL, started(script)), "--color", "never")
	u.command.Stderr = u.said
	summary, output := filepath.Join(filepath.Dir(u.run), "summary.md"), filepath.Join(filepath.Dir(u.run), "output")
	u.command.Env = append(os.Environ(), "RUN="+u.run, "WORDS="+tty,
		"GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY="+summary, "GITHUB_OUTPUT="+output, "GITHUB_WORKSPACE="+filepath.Dir(u.run))
	require.NoError(t, u.command.Start())
	o.wait(t, u.command)
	require.Equal(t, 5, o.status, o.stdout+o.stderr)

	written := map[string]string{"standard output": o.stdout, "standard error": o.stderr}
	for _, path := range []string{summary, output} {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		written[filepath.Base(path)] = string(text)
	}
	for _, format := range formats.All() {
		text, err := os.ReadFile(filepath.Join(u.run, format.File))
		require.NoError(t, err)
		written[format.File] = string(text)
	}
	require.Contains(t, unwrapped(o.stdout), "while it was under load; it said last:", "the log's words are in the message")
	require.Contains(t, written["result.json"], "alert(1)", "and the others' in the report")
	for name, text := range written {
		requireInert(t, name, text)
	}
	for _, name := range []string{"summary.md", "report.md"} {
		require.NotRegexp(t, `(?i)(^|[^\\])(<script|!\[x)`, written[name], name)
	}
	for decoder := xml.NewDecoder(strings.NewReader(written["junit.xml"])); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if element, ok := token.(xml.StartElement); ok {
			require.NotEqual(t, "script", element.Name.Local)
		}
	}
}

// steering is what moves a terminal's cursor, changes its colours, or hides from the eye.
var steering = regexp.MustCompile("[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f\u202a-\u202e\u2066-\u2069]")

func requireInert(t *testing.T, name, text string) {
	t.Helper()
	if found := steering.FindStringIndex(text); found != nil {
		t.Errorf("%s: %q came through: %q", name, text[found[0]:found[1]], text[max(0, found[0]-100):min(len(text), found[1]+20)])
	}
	require.NotRegexp(t, `(?m)^\s*::set-output`, text, name)
	require.NotRegexp(t, `(?m)^\s*##\[`, text, name)
	require.NotRegexp(t, `(?m)^x=`, text, name)
}

func TestHostileMistakesAreInert(t *testing.T) {
	dir := t.TempDir()
	for name, yaml := range map[string]string{
		"unknown field": `{"\u001b[31m\n::set-output name=x::pwned": 1}`,
		"bad PromQL":    "target: {url: 'http://127.0.0.1:1'}\nstages: [{rate: 1, duration: 1s}]\nrequests: [{get: /}]\nbudgets: [{id: a, expr: \"x{a=\\\"\\e[31m\\\"\", must: '< 1'}]\n",
		"bad stage":     "target: {url: 'http://127.0.0.1:1'}\nstages: [{rate: \"\\e]0;title\\a\\n##[group]\", duration: 1s}]\nrequests: [{get: /}]\n",
	} {
		path := filepath.Join(dir, "\x1b[31m"+name+".yaml")
		require.NoError(t, os.WriteFile(path, []byte(yaml), 0o644))
		for _, args := range [][]string{{"run", path}, {"run", path + "\x1b]0;gone\x07"}, {"run", "--\x1b[31m"}, {"verify", path}} {
			command := exec.Command(program("brrtload"), args...)
			command.Dir = dir
			var out bytes.Buffer
			command.Stdout, command.Stderr = &out, &out
			var exit *exec.ExitError
			require.ErrorAs(t, command.Run(), &exit)
			require.Equal(t, 2, exit.ExitCode(), out.String())
			requireInert(t, name, out.String())
		}
	}
}
