package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/assertions/judge"
	"brrtload/assertions/packs"
	"brrtload/internal/evidence"
	"brrtload/internal/facts"
	"brrtload/internal/rounds"
	"brrtload/internal/scrape"
)

// recordedRun is a run against BRRTRouter of which the first and the last exposition were kept. Of
// the client's side the answers by status are known from the report and from the counter of all
// received requests; how the requests to /health, without a route and with a wrong body share what
// is left, is not, and nothing depends on it.
type recordedRun struct {
	files    string // in testdata/brrtrouter
	answers  map[string]float64
	health   float64 // answered with 200 outside all counters
	left     float64 // timed out
	scrapes  float64
	mapping  float64 // of a coroutine's stack, seen from outside, in bytes; 0: not looked at
	used     float64 // of it
	resident float64 // of the process, seen from outside, in bytes; 0: not looked at
	want     map[string]assertions.Verdict
}

var recordedRuns = map[string]recordedRun{
	"October 2025": {
		files: "old", answers: map[string]float64{"200": 2321, "401": 399, "400": 150, "404": 130}, health: 92, left: 8, scrapes: 71,
		want: map[string]assertions.Verdict{
			"requests-by-status": assertions.Untruthful, // 400, 401 and 404 are not counted
			"stack-used-alive":   assertions.Untruthful, // the constant 0
			"exposition-format":  assertions.Untruthful, // text/plain without a version
			"conventions":        assertions.Untruthful, // two gauges of averages
		},
	},
	"August 2026": {
		files: "new", answers: map[string]float64{"200": 2482, "204": 78, "500": 54, "401": 226, "400": 90, "404": 85}, health: 85,
		scrapes: 72, mapping: 262144, used: 167936, resident: 60411904,
		want: map[string]assertions.Verdict{
			"requests-by-status":        assertions.Untruthful, // 500 counted as 200; 400, 401, 404 not counted
			"stack-used-alive":          assertions.Untruthful,
			"stack-used-is-observed":    assertions.Untruthful, // 0 reported, 164 KiB observed
			"stack-size-is-the-mapping": assertions.Untruthful, // in words
			"exposition-format":         assertions.Untruthful,
			"conventions":               assertions.Untruthful,
		},
	},
	"August 2026, overloaded": {
		files: "over", answers: map[string]float64{"200": 370, "403": 121, "503": 387}, left: 582, scrapes: 56,
		mapping: 262144, used: 167936, resident: 150282240,
		want: map[string]assertions.Verdict{
			"requests-by-status":        assertions.Untruthful, // no 503
			"active-requests-return":    assertions.Untruthful, // 969 after the load
			"connections-alive":         assertions.Untruthful, // nobody calls it
			"average-is-sum-by-count":   assertions.Untruthful, // 567 µs reported, 1.69 ms observed
			"stack-used-alive":          assertions.Untruthful,
			"stack-used-is-observed":    assertions.Untruthful,
			"stack-size-is-the-mapping": assertions.Untruthful,
			"values-plausible":          assertions.Untruthful, // 2^64 ns, of a route without a request
			"exposition-format":         assertions.Untruthful,
			"conventions":               assertions.Untruthful,
		},
	},
}

// Of BRRTRouter as it was recorded every true finding is made, and no other one.
func TestRecordedBRRTRouter(t *testing.T) {
	for name, run := range recordedRuns {
		t.Run(name, func(t *testing.T) {
			j := run.judge(t, "brrtrouter-rust", "truth")
			found := map[string]assertions.Verdict{}
			var reasons []string
			for _, c := range j.Checks {
				if slices.Contains([]assertions.Verdict{assertions.Untruthful, assertions.Fail, assertions.DoesNotFit, assertions.Error}, c.Verdict) {
					found[c.ID] = c.Verdict
				}
				reasons = append(reasons, fmt.Sprintf("%s %s: %s", c.Verdict, c.ID, c.Reason))
			}
			require.Equal(t, run.want, found, "%s", strings.Join(reasons, "\n"))
		})
	}
}

// The pack stack alone does not pass a service whose stack gauge is the constant 0.
func TestStackPackOnRecordedBRRTRouter(t *testing.T) {
	for name, run := range recordedRuns {
		j := run.judge(t, "stack")
		require.Equal(t, assertions.Untruthful, j.Verdict, "%s: %s", name, j.Reason)
		for _, c := range j.Checks {
			if c.ID == "stack-used" {
				require.Equal(t, assertions.Untruthful, c.Verdict, "%s: %s", name, c.Reason)
			}
		}
	}
}

// judge replays the two expositions and judges them by packs.
func (run recordedRun) judge(t *testing.T, names ...string) assertions.Judgement {
	t.Helper()
	body := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = fmt.Fprint(w, body) // its client is us
	}))
	defer server.Close()
	store, err := evidence.Create(t.TempDir())
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	loop, err := rounds.New(store, t.TempDir(), scrape.Target{Name: "target", URL: server.URL})
	require.NoError(t, err)
	defer loop.Close()
	unversioned := 0.0
	read := func(name, file string, share float64) time.Time {
		text, err := os.ReadFile("testdata/brrtrouter/" + run.files + "-" + file + ".prom")
		require.NoError(t, err)
		body = string(text)
		round, err := loop.Now(t.Context(), name)
		require.NoError(t, err)
		for _, r := range round.Readings {
			if r.Unversioned {
				unversioned++
			}
		}
		run.client(t, store, round.At, share, unversioned)
		time.Sleep(5 * time.Millisecond) // two scrapes have two times
		return round.At
	}
	start := read(rounds.Baseline, "baseline", 0)
	end := read("final", "final", 1)
	idle := read("idle", "final", 1)
	for _, w := range []facts.Window{{Name: facts.Run, Start: start, End: end}, {Name: facts.Steady, Start: start, End: end},
		{Name: "drain", Start: end, End: end}, {Name: facts.Idle, Start: end, End: idle}, {Name: facts.Scraped, Start: start, End: idle}} {
		store.Mark(w)
	}
	var list []assertions.Assertion
	for _, name := range names {
		more, err := packs.Read(name)
		require.NoError(t, err)
		for _, a := range more {
			if !slices.ContainsFunc(list, func(b assertions.Assertion) bool { return a.About().ID == b.About().ID }) {
				list = append(list, a)
			}
		}
	}
	j, err := judge.Judge(t.Context(), store, list)
	require.NoError(t, err)
	return j
}

// client writes what the client knew at a time, when so large a share of the hits was done.
func (run recordedRun) client(t *testing.T, store *evidence.Store, at time.Time, share, unversioned float64) {
	t.Helper()
	b := store.At(at)
	series := func(name string, pairs ...string) labels.Labels {
		return labels.FromStrings(append([]string{model.MetricNameLabel, name}, pairs...)...)
	}
	sent := run.health + run.left
	for status, hits := range run.answers {
		b.AddCounter(series("brrtload_hits_total", "outcome", "answered", "status", status, "request", "any"), hits*share)
		sent += hits
	}
	b.AddCounter(series("brrtload_hits_total", "outcome", "answered", "status", "200", "request", "health"), run.health*share)
	b.AddCounter(series("brrtload_hits_total", "outcome", "ambiguous", "kind", "timed out", "request", "any"), run.left*share)
	for _, outcome := range []string{"ambiguous", "cut", "never reached"} {
		b.AddCounter(series("brrtload_hits_total", "outcome", outcome, "request", "any"), 0)
	}
	b.AddCounter(series("brrtload_scrapes_total", "endpoint", "target"), run.scrapes*share)
	b.AddCounter(series("brrtload_scrape_flaws_total", "endpoint", "target", "flaw", "unversioned"), unversioned)
	b.AddCounter(series("brrtload_planned_total"), sent*share)
	b.AddCounter(series("brrtload_sent_total"), sent*share)
	if run.mapping > 0 {
		b.Add(series("brrtload_target_mapping_bytes", "size", "262144", "kind", "coroutine"), run.mapping)
		b.Add(series("brrtload_target_stack_used_bytes", "size", "262144", "kind", "coroutine", "stat", "max"), run.used)
	}
	if run.resident > 0 {
		b.Add(series("brrtload_target_resident_memory_bytes"), run.resident)
	}
	require.NoError(t, b.Commit())
}

// The scenarios for BRRTRouter are ones, and so is the gate of the page; against what BRRTRouter
// exposed nothing is misspelt. The page has every finding of the recorded runs.
func TestBRRTRouterPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/brrtrouter.md")
	require.NoError(t, err)
	for _, run := range recordedRuns {
		for id := range run.want {
			require.Contains(t, string(page), "`"+id+"`")
		}
	}
	exposition, err := os.ReadFile("testdata/brrtrouter/new-final.prom")
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(exposition) // its client is a program of the test
	}))
	defer server.Close()
	validate := func(file string) {
		out, err := exec.Command(program("brrtload"), "validate", file, "--against", server.URL+"/metrics").CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	blocks := yamlBlock.FindAllStringSubmatch(string(page), -1)
	require.NotEmpty(t, blocks)
	for _, b := range blocks {
		file := filepath.Join(t.TempDir(), b[1])
		require.NoError(t, os.WriteFile(file, []byte(b[2]), 0o644))
		validate(file)
	}
	scenarios, err := filepath.Glob("../../docs/examples/brrtrouter/*.yaml")
	require.NoError(t, err)
	for _, file := range scenarios {
		if filepath.Base(file) == "service.yaml" { // the others include it
			continue
		}
		require.Contains(t, string(page), "(examples/brrtrouter/"+filepath.Base(file)+")")
		validate(file)
	}
}
