package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/kept"
	"brrtload/reports"
)

// text is the content type that an exposition should have.
const text = "text/plain; version=0.0.4; charset=utf-8"

// fixture is a service that counts its requests exactly, and whose endpoint can be made
// troublesome.
type fixture struct {
	*httptest.Server
	scraped http.HandlerFunc          // answers a scrape in place of the fixture's own exposition, when it is not nil
	ready   http.HandlerFunc          // answers whether it is ready, when it is not nil
	refuse  func(http.ResponseWriter) // answers a hit in place of ok, when it is not nil
	served  func()                    // called before a hit is answered, when it is not nil
	scrapes atomic.Int64              // for scraped to count with
	run     string                    // the directory of the run that loads it
	once    sync.Once                 // for scraped to do something once

	mu      sync.Mutex
	hits    int
	began   time.Time // of the load: its first hits
	started time.Time // of the process, as it says
}

// service returns a fixture that is closed with the test.
func service(t *testing.T) *fixture {
	f := &fixture{started: time.Now().Add(-time.Hour), run: filepath.Join(t.TempDir(), "run")}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

// ServeHTTP answers the path /metrics as an endpoint and every other as a service.
func (f *fixture) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/ready":
		if f.ready != nil {
			f.ready(w, r)
		}
	case r.URL.Path != "/metrics":
		f.serve(w)
	case f.scraped != nil:
		f.scraped(w, r)
	default:
		f.expose(w, r)
	}
}

func (f *fixture) serve(w http.ResponseWriter) {
	time.Sleep(2 * time.Millisecond) // so that a closed loop has a bounded rate
	f.mu.Lock()
	if f.hits++; f.began.IsZero() && f.hits > mostProbes {
		f.began = time.Now()
	}
	f.mu.Unlock()
	if f.served != nil {
		f.served()
	}
	if f.refuse != nil {
		f.refuse(w)
		return
	}
	_, _ = io.WriteString(w, "ok")
}

// count counts a request that nobody made.
func (f *fixture) count() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hits++
}

// exposition is what the fixture says of itself.
func (f *fixture) exposition() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return fmt.Sprintf(`# HELP fixture_requests_total Requests answered.
# TYPE fixture_requests_total counter
fixture_requests_total{status="200"} %d
# HELP fixture_depth Requests waiting.
# TYPE fixture_depth gauge
fixture_depth 1
# HELP process_start_time_seconds When the process started.
# TYPE process_start_time_seconds gauge
process_start_time_seconds %d
`, f.hits, f.started.Unix())
}

func (f *fixture) expose(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", text)
	_, _ = io.WriteString(w, f.exposition())
}

// mostProbes is how many requests come before the load, at most: whether the service answers.
const mostProbes = 3

// into returns how far the load has come; 0 before it.
func (f *fixture) into() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.began.IsZero() {
		return 0
	}
	return time.Since(f.began)
}

// passed reports whether the run has taken and kept the scrape of that name.
func (f *fixture) passed(scrape string) bool {
	found, _ := filepath.Glob(filepath.Join(f.run, "scrapes", scrape+"-target.*"))
	return len(found) > 0
}

// restart starts the service anew: it has counted nothing.
func (f *fixture) restart() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hits, f.started = 0, time.Now()
}

// loadTime is how long the fixture's scenario loads it, the warm-up included.
const loadTime = 1500 * time.Millisecond

// scenario loads the fixture for 1.5 s and holds its count against the client's, and a gauge to a
// limit. The loop is closed where it counts, so that no verdict depends on how busy the machine is.
const scenario = `
connections: 2
warmup: {rate: 100, duration: 500ms}
stages: [{rate: max, duration: 1s}]
requests: [{get: /}]
identities:
  - id: requests
    client: sum by (status) (increase(brrtload_hits_total{outcome="answered"}[range()] anchored))
    server: sum by (status) (increase(fixture_requests_total[range()] anchored))
budgets:
  - {id: depth, expr: 'max(max_over_time(fixture_depth[range()]))', must: "< 10"}
`

// outcome is what a run of brrtload came to.
type outcome struct {
	dir            string
	status         int
	stdout, stderr string
	resident       int64 // the most memory that it had, bytes
}

// load has the built brrtload load the fixture as a scenario says.
func (f *fixture) load(t *testing.T, yaml string, args ...string) outcome {
	command, o := f.prepare(t, yaml, args...)
	require.NoError(t, command.Start())
	o.wait(t, command)
	return *o
}

// prepare returns the command that does that, for [outcome.wait] to wait for once it has been
// started.
func (f *fixture) prepare(t *testing.T, yaml string, args ...string) (*exec.Cmd, *outcome) {
	file := filepath.Join(filepath.Dir(f.run), "fixture.yaml")
	require.NoError(t, os.WriteFile(file, []byte(yaml), 0o644))
	o := &outcome{dir: f.run}
	command := exec.Command(program("brrtload"), append([]string{"run", file, "--full", "--dir", o.dir}, args...)...)
	command.Stdout, command.Stderr = new(bytes.Buffer), new(bytes.Buffer)
	return command, o
}

func (o *outcome) wait(t *testing.T, command *exec.Cmd) {
	var exit *exec.ExitError
	if err := command.Wait(); err != nil && !errors.As(err, &exit) {
		t.Error(err)
	}
	o.status = command.ProcessState.ExitCode()
	o.stdout, o.stderr = command.Stdout.(fmt.Stringer).String(), command.Stderr.(fmt.Stringer).String()
	o.resident = peak(command.ProcessState)
}

// verdicts are the checks of a report with what was found, as verify must find it again.
func verdicts(r reports.Report) map[string][]string {
	found := map[string][]string{"": {string(r.End), r.Verdict.String(), r.Reason}}
	for _, c := range r.Checks {
		found[c.ID] = append(found[c.ID], c.Verdict.String(), c.Sentence())
		for _, f := range c.Findings {
			found[c.ID] = append(found[c.ID], f.Verdict.String(), f.Text)
		}
	}
	return found
}

// judgedAgain returns what the run said, and what verify says of it.
func judgedAgain(dir string) (said, again reports.Report, err error) {
	run, err := kept.Open(dir)
	if err != nil {
		return run.Report, again, err
	}
	again, err = verify(context.Background(), run, nil)
	return run.Report, again, err
}

// requireSameVerdicts wants verify to find in the run directory what the run found.
func requireSameVerdicts(t *testing.T, dir string) {
	t.Helper()
	said, again, err := judgedAgain(dir)
	require.NoError(t, err)
	require.Equal(t, verdicts(said), verdicts(again))
	require.Equal(t, said.Status, again.Status)
}
