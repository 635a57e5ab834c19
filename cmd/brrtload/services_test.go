package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/internal/tier"
	"brrtload/reports"
)

// foreign is a service of testdata/services, instrumented the way its language is used to.
type foreign struct {
	name    string
	tools   []string // commands that building it takes
	build   string   // carried out by sh in a copy of its directory
	start   []string // there, with the port in PORT
	status  string   // its answers by the label status
	counted string   // the observations of its histogram
}

const (
	byCode   = `sum by (status) (label_replace(increase(http_requests_total{path!="/metrics"}[range()] anchored), "status", "$1", "code", "(.*)"))`
	observed = `sum(increase(http_request_duration_seconds_count{path!="/metrics"}[range()] anchored))`
)

var foreigns = []foreign{
	{name: "go", tools: []string{"go"}, start: []string{"./service"}, status: byCode, counted: observed},
	{name: "python", tools: []string{"python3"}, start: []string{"env/bin/python", "service.py"},
		build:   "python3 -m venv env && env/bin/pip install --quiet --disable-pip-version-check -r requirements.txt",
		status:  `sum by (status) (increase(http_requests_total{handler!="/metrics"}[range()] anchored))`,
		counted: `sum(increase(http_request_duration_seconds_count{handler!="/metrics"}[range()] anchored))`},
	{name: "node", tools: []string{"node", "npm"}, start: []string{"node", "service.js"},
		build: "npm install --silent --no-audit --no-fund", status: byCode, counted: observed},
	{name: "java", tools: []string{"java", "javac", "mvn"}, start: []string{"java", "-Xmx128m", "-cp", "classes:lib/*", "Service"},
		build:   "mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib && javac -cp 'lib/*' -d classes Service.java",
		status:  `sum by (status) (increase(http_server_requests_seconds_count{uri!="/metrics"}[range()] anchored))`,
		counted: `sum(increase(http_server_requests_seconds_count{uri!="/metrics"}[range()] anchored))`},
	{name: "rust", tools: []string{"cargo"}, start: []string{"target/release/service"},
		build: "cargo build --quiet --release", status: byCode, counted: observed},
}

// A healthy service in Go is accused of nothing, and its counts are exact: the first scrape of
// /metrics is its thousandth.
func TestAPlainServiceIsExact(t *testing.T) {
	t.Parallel()
	defer together.turn()()
	url := foreigns[0].serve(t)
	r, _ := foreigns[0].healthy(t, url, 1)
	for _, id := range []string{"answers", "observations"} {
		require.Equal(t, assertions.Pass, checkOf(r, id).Verdict, checkOf(r, id).Reason)
	}
}

const (
	// foreignSeeds is how many seeds each service was run with.
	foreignSeeds = 20
	// foreignFile has what came of them. `make test-long` with -update writes it, every `make test`
	// judges it.
	foreignFile = "../../docs/evidence/foreign-services.json"
)

// foreignRun is what came of one run of a healthy service.
type foreignRun struct {
	Service  string  `json:"service"`
	Seed     uint64  `json:"seed"`
	Status   int     `json:"exit_status"`
	Reason   string  `json:"reason"`
	Pressure float64 `json:"cpu_pressure"` // share of the time in which some task waited for a CPU
	LagP99   float64 `json:"lag_p99_seconds"`
}

// Twenty seeds on each service: none is called untruthful, and only a machine without CPU to spare
// leaves something undecided. With -update the outcomes are kept.
func TestForeignServices(t *testing.T) {
	tier.Long(t)
	runs := make([][]foreignRun, len(foreigns))
	for n, f := range foreigns {
		t.Run(f.name, func(t *testing.T) {
			if !*update { // what is kept was measured with nothing beside it
				t.Parallel()
				defer together.turn()()
			}
			url := f.serve(t)
			for seed := range foreignSeeds {
				r, status := f.healthy(t, url, seed+1)
				runs[n] = append(runs[n],
					foreignRun{f.name, r.Seed, status, r.Reason, r.Where.Pressure, r.Generator.Lag.P99})
			}
		})
	}
	if !*update {
		return
	}
	all := slices.Concat(runs...)
	requireHealthy(t, all)
	var text bytes.Buffer // a run is a line
	for n, o := range all {
		line, err := json.Marshal(o)
		require.NoError(t, err)
		fmt.Fprintf(&text, "%s%s", map[bool]string{true: "[\n", false: ",\n"}[n == 0], line)
	}
	require.NoError(t, os.WriteFile(foreignFile, append(text.Bytes(), "\n]\n"...), 0o644))
}

// The kept runs of five services, twenty seeds each, ended in a pass or for a named shortage of
// CPU.
func TestKeptRunsOfForeignServices(t *testing.T) {
	text, err := os.ReadFile(foreignFile)
	require.NoError(t, err)
	var all []foreignRun
	require.NoError(t, json.Unmarshal(text, &all))
	requireHealthy(t, all)
}

func requireHealthy(t *testing.T, all []foreignRun) {
	t.Helper()
	require.Len(t, all, foreignSeeds*len(foreigns))
	for n, o := range all {
		require.Equal(t, foreigns[n/foreignSeeds].name, o.Service)
		require.EqualValues(t, n%foreignSeeds+1, o.Seed)
		if o.Status == reports.StatusInconclusive {
			require.Regexp(t, `^delivery: lag p99 .*; CPU pressure `, o.Reason, "%s, seed %d", o.Service, o.Seed)
			require.Greater(t, o.Pressure, 0.2, "%s, seed %d", o.Service, o.Seed)
			continue
		}
		require.Equal(t, reports.StatusPass, o.Status, "%s, seed %d: %s", o.Service, o.Seed, o.Reason)
	}
}

// serve builds the service in a directory of its own, starts it, and has it scraped a thousand
// times.
func (f foreign) serve(t *testing.T) (url string) {
	t.Helper()
	for _, tool := range f.tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	dir := t.TempDir()
	source := filepath.Join("testdata", "services", f.name)
	require.NoError(t, os.CopyFS(dir, os.DirFS(source)))
	if f.name == "go" { // by this module's own client_golang
		out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "service"), "./"+source).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	build := exec.Command("sh", "-c", f.build)
	build.Dir = dir
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)

	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().(*net.TCPAddr)
	require.NoError(t, l.Close())
	log, err := os.Create(filepath.Join(dir, "log"))
	require.NoError(t, err)
	service := exec.Command(f.start[0], f.start[1:]...)
	service.Dir, service.Stdout, service.Stderr = dir, log, log
	service.Env = append(os.Environ(), "PORT="+strconv.Itoa(address.Port))
	service.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, service.Start())
	t.Cleanup(func() {
		_ = service.Process.Kill()
		_ = service.Wait() // it was killed
		_ = log.Close()
	})
	url = "http://" + address.String()
	scrape := func() error {
		answer, err := http.Get(url + "/metrics")
		if err != nil {
			return err
		}
		defer answer.Body.Close() //nolint:errcheck // it was read
		_, err = io.Copy(io.Discard, answer.Body)
		return err
	}
	for end := time.Now().Add(time.Minute); scrape() != nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			said, _ := os.ReadFile(log.Name())
			t.Fatalf("%s did not answer: %s", f.name, said)
		}
	}
	for range 1000 {
		require.NoError(t, scrape())
	}
	return url
}

// healthy runs a healthy service under load, with label sets that are born in it.
func (f foreign) healthy(t *testing.T, url string, seed int) (reports.Report, int) {
	t.Helper()
	quoted := func(expr string) string { return "'" + expr + "'" }
	scenario := fmt.Sprintf(`
target: {url: %q}
warmup: {rate: 60, duration: 500ms}
stages: [{rate: 120, duration: 1500ms}]
requests:
  - {name: items, get: /items, weight: 6}
  - {name: create, post: /items, json: {name: Rex}, expect: [201], weight: 2}
  - {name: slow, get: /slow, weight: 2}
  - {name: born, get: "/born/%d-{{.Random 1 5}}", weight: 2}
  - {name: missing, get: /no/such/path, expect: [404]}
identities:
  - id: answers
    what: answers with {status}
    client: sum by (status) (increase(brrtload_hits_total{outcome="answered"}[range()] anchored))
    server: %s
    ambiguous: sum(increase(brrtload_hits_total{outcome=~"ambiguous|cut"}[range()] anchored))
  - id: observations
    client: sum(increase(brrtload_hits_total{outcome="answered"}[range()] anchored))
    server: %s
    ambiguous: sum(increase(brrtload_hits_total{outcome=~"ambiguous|cut"}[range()] anchored))
`, url, seed, quoted(f.status), quoted(f.counted))
	r, status := runOf(t, scenario, "--seed", strconv.Itoa(seed))
	switch short := shortage(r); {
	case status == reports.StatusPass, status == reports.StatusInconclusive && short != "":
	default:
		t.Errorf("%s, seed %d: exit status %d (%s): %s\n%s", f.name, seed, status, short, r.Reason, strings.Join(r.Notes, "\n"))
	}
	if ids := accusing(r); len(ids) > 0 {
		t.Errorf("%s, seed %d: accused by %v", f.name, seed, ids)
	}
	return r, status
}
