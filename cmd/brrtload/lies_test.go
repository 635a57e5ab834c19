package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/assertions/identities"
	"brrtload/assertions/packs"
	"brrtload/internal/evidence"
	"brrtload/internal/expected"
	"brrtload/internal/facts"
	"brrtload/internal/tier"
	"brrtload/reports"
)

// honest is a scenario that makes every metric of the bundled service move: hits of several
// handlers and statuses, bodies, refusals, and hits that are in flight for longer than a scrape.
const honest = `target: {bundled: {}}
seed: 1
connections: 16
scrape: {interval: 100ms}
warmup: {rate: 60, duration: 300ms}
stages: [{rate: 60, duration: 1500ms}]
credentials:
  key: {api_key: {header: X-API-Key, value: test-key}}
  wrong-key:
    api_key: {header: X-API-Key, value: not-the-key}
    fails: [{provider: ApiKeyHeader, reason: invalid_credentials}]
  no-key:
    fails: [{provider: ApiKeyHeader, reason: missing_credentials}]
requests:
  - {name: list pets, get: /pets, credential: key, weight: 4}
  - {name: get pet, get: /pets/1, credential: key, weight: 4}
  - {name: create pet, post: /pets, json: {name: Rex, tag: dog}, credential: key, expect: [201], weight: 2}
  - {name: wait, get: "/wait?ms=400", credential: key, weight: 1}
  - {name: wrong key, get: /pets, credential: wrong-key, expect: [401], weight: 1}
  - {name: no key, get: /pets, credential: no-key, expect: [401], weight: 2}
  - {name: missing, get: /no/such/route, expect: [404], weight: 1}
assert: [stack, coroutines]
`

// sampled are the lies that `make test` runs end to end, one of each kind whose verdict does not
// depend on the machine's speed; `make test-long` runs them all.
var sampled = []string{"requests-miss-every-nth=5", "in-flight-leak=5", "counter-reset=60", "frozen-gauge=brrtrouter_requests_total",
	"changed-type=brrtrouter_requests_total", "swapped-label-value=brrtrouter_auth_failures_total",
	"wrong-histogram-sum=brrtrouter_request_duration_seconds", "unset-gauge=brrtrouter_routes_registered",
	"created-ahead=brrtrouter_requests_total"}

// Every lie that the service can tell is in a table.
func TestEveryLieIsInTheTable(t *testing.T) {
	for _, name := range faults(t, "lie") {
		is := func(l expected.Lie) bool { return strings.HasPrefix(l.Fault, name+"=") }
		tables := 0
		for _, table := range [][]expected.Lie{expected.Lies, expected.OtherLies, expected.MemoryLies} {
			if slices.ContainsFunc(table, is) {
				tables++
			}
		}
		require.NotZero(t, tables, "the lie %s is in no table: add it to Lies in internal/expected/lies.go, with the check that notices it", name)
	}
}

// Each lie is caught: exit 3, by the check that should catch it. What else speaks is exactly what is expected to; a lie may be seen from several sides.
func TestLies(t *testing.T) {
	t.Parallel()
	for _, name := range sampled {
		require.True(t, slices.ContainsFunc(expected.Lies, func(l expected.Lie) bool { return l.Fault == name }), name)
	}
	for _, lie := range expected.Lies {
		if !tier.IsLong && !slices.Contains(sampled, lie.Fault) {
			continue
		}
		t.Run(lie.Fault, func(t *testing.T) {
			t.Parallel()
			defer together.turn()()
			report, status := afterBaseline(lie.Fault, func() (reports.Report, int) {
				return runOf(t, honest, "--fault", lie.Fault)
			})
			said := slices.DeleteFunc(speaking(report, lie.By), func(id string) bool { return slices.Contains(lie.May, id) })
			require.Equal(t, append([]string{lie.By}, lie.Also...), said)
			require.Equal(t, reports.StatusUntruthful, status)
		})
	}
}

// shown are the commands of docs/lies.md that `make test` carries out; `make test-long` has one for every lie.
var shown = []string{"--fault frozen-gauge=brrtrouter_active_requests", "--fault slow-metrics=120ms"}

// The page's commands, on the shipped scenario: exit 3, by the check that the page names.
func TestLiesAsShown(t *testing.T) {
	t.Parallel()
	by := map[string]string{"queue --fault wait-from-dequeue=wait": "burst-littles-law"}
	for _, l := range expected.Lies {
		by["--fault "+l.Fault] = l.By
	}
	for command, check := range by {
		if !tier.IsLong && !slices.Contains(shown, command) {
			continue
		}
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			defer together.turn()()
			report, status := afterBaseline(command, func() (reports.Report, int) {
				return runWith(t, strings.Fields(command)...)
			})
			if short := shortage(report); short != "" && status == reports.StatusInconclusive {
				t.Skip(short) // any other status is not the machine's doing
			}
			require.Equal(t, reports.StatusUntruthful, status, report.Reason)
			require.Contains(t, speaking(report, check), check)
		})
	}
}

// Lies about memory are caught by those that cannot be fooled by it: a heap profile, and the kernel.
func TestLiesAboutMemory(t *testing.T) {
	t.Parallel()
	for _, lie := range expected.MemoryLies {
		if !tier.IsLong && lie.Fault != expected.MemoryLies[0].Fault {
			continue
		}
		t.Run(lie.Fault, func(t *testing.T) {
			t.Parallel()
			defer together.turn()()
			command := append([]string{"--duration", "3s", "--fault", lie.Fault}, strings.Fields(lie.With)...)
			report, status := runWith(t, command...)
			if short := shortage(report); short != "" && status == reports.StatusInconclusive {
				t.Skip(short)
			}
			require.Equal(t, append([]string{lie.By}, lie.Also...), speaking(report, lie.By))
			require.Equal(t, reports.StatusUntruthful, status, report.Reason)
		})
	}
}

// With every lie off the same scenario holds.
func TestTheTruth(t *testing.T) {
	t.Parallel()
	defer together.turn()()
	report, status := runOf(t, honest)
	require.Empty(t, speaking(report, ""))
	if short := shortage(report); status != reports.StatusInconclusive || short == "" {
		require.Equal(t, reports.StatusPass, status, report.Reason)
	}

	// Each identity would notice if the service had counted one more or one less.
	store, err := evidence.Open(report.Directory)
	require.NoError(t, err)
	defer store.Close() //nolint:errcheck // it was only read
	list, err := packs.Read("targetsvc")
	require.NoError(t, err)
	tried := 0
	for _, a := range list {
		i, ok := a.(*identities.Identity)
		if !ok {
			continue
		}
		tried++
		for _, by := range []float64{0, 1, -1} {
			findings, err := i.Judge(t.Context(), miscounted{store, i.Server.String(), by})
			require.NoError(t, err)
			worst := assertions.Pass
			for _, f := range findings {
				worst = worst.Worse(f.Verdict)
			}
			require.Equal(t, by != 0, worst == assertions.Untruthful, "%s with %+g", i.ID, by)
		}
	}
	require.Greater(t, tried, 8)

	t.Run("Debian's Prometheus answers the same", func(t *testing.T) { answeredByPeers(t, report.Directory, store) })
	t.Run("one who may only read it judges the same", func(t *testing.T) { readByOthers(t, report.Directory) })
}

// miscounted is evidence in which one query gives another count.
type miscounted struct {
	facts.Evidence
	query string
	by    float64
}

func (m miscounted) Query(ctx context.Context, expr string, w facts.Window) (facts.Answer, error) {
	answer, err := m.Evidence.Query(ctx, expr, w)
	if expr == m.query {
		for i := range answer.Series {
			answer.Series[i].Value += m.by
		}
	}
	return answer, err
}

// behaviours are the faults in what the service does: its telemetry goes on telling the truth.
var behaviours = []string{"handler-latency=30ms", "handler-cpu=2ms", "handler-allocation=1048576", "deep-recursion=100000", "stalled-coroutine=get_pet",
	"coroutine-leak=20", "panic-every-nth=5", "memory-hog=104857600", "memory-leak=65536", "slow-provider=20ms", "provider-outage=ApiKeyHeader",
	"slow-route-matching=5ms", "connection-close=5", "crash=2s"}

// Each behavioural fault alone gives no truth finding.
func TestBehavioursAreNoLies(t *testing.T) {
	t.Parallel()
	names := faults(t, "behaviour")
	for _, name := range names {
		if !slices.ContainsFunc(behaviours, func(fault string) bool { return strings.HasPrefix(fault, name+"=") }) {
			t.Errorf("the fault %s is not in behaviours, above: add it with a value that a run of two seconds shows", name)
		}
	}
	for _, fault := range behaviours {
		name, _, _ := strings.Cut(fault, "=")
		require.Contains(t, names, name, "targetsvc has no such fault any more")
		if !tier.IsLong && name != "panic-every-nth" && name != "provider-outage" { // two of what a service may do wrong
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer together.turn()()
			report, status := runOf(t, honest, "--fault", fault)
			require.Empty(t, speaking(report, ""))
			require.NotEqual(t, reports.StatusUntruthful, status, report.Reason)
			require.NotEqual(t, reports.StatusInternal, status, report.Reason)
			if name != "crash" {
				require.NotContains(t, report.Reason, "no complete window")
			}
		})
	}
}

// afterBaseline makes a run again that came to its baseline after a lie with a time (@1500ms) had
// begun, as on a slow machine: nothing was true before it.
func afterBaseline(command string, run func() (reports.Report, int)) (report reports.Report, status int) {
	for range 4 {
		report, status = run()
		if report.End != reports.Unreachable || !strings.Contains(command, "@") {
			break
		}
	}
	return report, status
}

// runOf runs a scenario and gives its report and exit status.
func runOf(t *testing.T, scenario string, args ...string) (reports.Report, int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "s.yaml")
	require.NoError(t, os.WriteFile(file, []byte(scenario), 0o644))
	report, status := runWith(t, append([]string{file}, args...)...)
	if t.Log(report.Reason); testing.Verbose() {
		for _, c := range report.Checks {
			if c.Verdict == assertions.Untruthful && about(c) {
				t.Logf("%s: %s", c.ID, c.Reason)
			}
		}
	}
	return report, status
}

// runWith runs with arguments, in a directory of its own, and gives the report and the exit status.
func runWith(t *testing.T, args ...string) (reports.Report, int) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	cmd := exec.Command(program("brrtload"), append([]string{"run", "-q", "--dir", dir}, args...)...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	require.True(t, err == nil || errors.As(err, &exit), "%v", err)
	report, err := reports.Read(dir)
	require.NoError(t, err, "%s", out)
	return report, cmd.ProcessState.ExitCode()
}

// about reports whether a check is about telemetry, rather than drawn from it.
func about(c assertions.Check) bool {
	return c.Kind != "budget" && c.Kind != "rules" && c.Severity != assertions.Warning
}

// speaking lists the checks that found telemetry untruthful, the first as it should be and then by name.
func speaking(r reports.Report, first string) []string {
	var ids []string
	for _, c := range r.Checks {
		if c.Verdict == assertions.Untruthful && about(c) {
			ids = append(ids, c.ID)
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		if (a == first) != (b == first) {
			return map[bool]int{true: -1, false: 1}[a == first]
		}
		return strings.Compare(a, b)
	})
	return ids
}

// faults lists those of the bundled service of one kind.
func faults(t *testing.T, kind string) (names []string) {
	t.Helper()
	out, err := exec.Command(program("targetsvc"), "--list-faults").Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		if words := strings.Fields(line); words[1] == kind {
			name, _, _ := strings.Cut(words[0], "=")
			names = append(names, name)
		}
	}
	require.NotEmpty(t, names)
	return names
}

// together lets two runs go on at once, beside the soak: more would measure each other on a small machine.
var together atMost

type atMost struct {
	once sync.Once
	room chan struct{}
}

func (a *atMost) turn() (done func()) {
	a.once.Do(func() { a.room = make(chan struct{}, 2) })
	a.room <- struct{}{}
	return func() { <-a.room }
}
