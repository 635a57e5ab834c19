package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"brrtload/assertions"
	"brrtload/internal/expected"
	"brrtload/internal/suite"
	"brrtload/scenarios"
)

// Every metric that the service promises is held to something in soak: a metric that no budget,
// identity or other check reads could say anything. That the contract has it, with its type and
// labels, is not enough.
func TestSoakChecksEveryMetricOfTheContract(t *testing.T) {
	src, err := suite.Find("soak")
	require.NoError(t, err)
	soak, err := src.Load(suite.Changes{})
	require.NoError(t, err)
	read := map[string][]string{} // metric, without what a histogram adds to it, to the checks that read it
	for _, a := range soak.Assertions {
		about := a.About()
		if about.Kind == "contract" || about.Severity != assertions.Failing {
			continue
		}
		for _, metric := range about.Metrics {
			for _, suffix := range []string{"", "_bucket", "_sum", "_count"} {
				if family, has := strings.CutSuffix(metric, suffix); has {
					read[family] = append(read[family], about.ID)
				}
			}
		}
	}
	for _, family := range promised(t) {
		if len(read[family]) == 0 {
			t.Errorf("%s is in the contract, and no check of soak reads it", family)
		}
	}
	for _, family := range []string{
		"go_goroutines", "go_threads", "go_gc_heap_live_bytes", "go_gc_heap_goal_bytes", "go_gc_pauses_seconds", "go_gc_heap_allocs_bytes_total",
		"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "process_max_fds", "process_start_time_seconds",
	} {
		// a pause is a warning: it lasts as long as the machine likes
		if family != "go_gc_pauses_seconds" && len(read[family]) == 0 {
			t.Errorf("no check of soak reads %s", family)
		}
	}
}

// promised lists the families of the bundled service's contract.
func promised(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../assertions/packs/contracts/targetsvc.yaml")
	require.NoError(t, err)
	var contract struct{ Families map[string]any }
	require.NoError(t, yaml.Unmarshal(text, &contract))
	var families []string
	for family := range contract.Families {
		families = append(families, family)
	}
	require.Greater(t, len(families), 25)
	return families
}

// docs/scenarios-shipped.md says which fault breaks which scenario, and by which budget. The
// scripts show every row, and no behaviour of the service that can go wrong is left out.
func TestEveryBehaviourFaultIsCaughtAsTheDocsSay(t *testing.T) {
	covered := map[string]bool{}
	broken := map[string]bool{}
	for _, r := range expected.Behaviours {
		scenario, fault, budget := r.Scenario, r.Fault, r.By
		name, _, _ := strings.Cut(fault, "=")
		covered[name], broken[scenario] = true, true
		script, err := os.ReadFile(filepath.Join("testdata", "scenario-"+scenario+".txtar"))
		require.NoError(t, err)
		want := fmt.Sprintf(`(?m)^measured 1 brrtload run %s .*--fault %s\njudged \S+ %s fail\ntruthful \S+$`,
			scenario, regexp.QuoteMeta(fault), budget)
		if budget == "" {
			want = fmt.Sprintf(`(?m)^status 5 brrtload run %s .*--fault %s$`, scenario, regexp.QuoteMeta(fault))
		}
		if !regexp.MustCompile(want).Match(script) {
			t.Errorf("internal/expected/behaviours.go says that %s with %s is caught by %q; add lines to testdata/scenario-%s.txtar that show it, and match\n%s",
				scenario, fault, budget, scenario, want)
		}
	}
	listed, err := exec.Command(program("targetsvc"), "--list-faults").Output()
	require.NoError(t, err)
	behaviours := regexp.MustCompile(`(?m)^([a-z-]+)=\S+ +behaviour `).FindAllStringSubmatch(string(listed), -1)
	require.NotEmpty(t, behaviours)
	for _, b := range behaviours {
		if !covered[b[1]] {
			t.Errorf("nothing says which scenario notices the fault %s: add a row to internal/expected/behaviours.go, run `make generate`, "+
				"and show the row in testdata/scenario-NAME.txtar", b[1])
		}
	}
	for _, scenario := range scenarios.Names() {
		if !broken[scenario] {
			t.Errorf("nothing breaks the scenario %s: add a row with it to internal/expected/behaviours.go, run `make generate`, "+
				"and show the row in testdata/scenario-%s.txtar", scenario, scenario)
		}
	}
}

// Every shipped scenario says in a comment what it is for, is described in one line that fits a
// terminal, asserts every pack of budgets, and is in the docs.
func TestShippedScenariosAreWhole(t *testing.T) {
	docs, err := os.ReadFile("../../docs/scenarios-shipped.md")
	require.NoError(t, err)
	packs := []string{"stack", "queue", "auth", "routes", "coroutines", "requests", "memory", "client", "process", "go"}
	for _, name := range scenarios.Names() {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("../../scenarios", name+".yaml"))
			require.NoError(t, err)
			comment := regexp.MustCompile(`^(# yaml-language-server:.*\n)?(# .{20,}\n)(#.*\n)+`)
			require.Regexp(t, comment, string(text), "begins with what it is for, and why its limits are what they are")
			require.Contains(t, string(docs), "\n| `"+name+"` | ")
			src, err := suite.Find(name)
			require.NoError(t, err)
			loaded, err := src.Load(suite.Changes{})
			require.NoError(t, err)
			s, list := loaded.Scenario, loaded.Assertions
			require.LessOrEqual(t, len([]rune(name+s.Description)), 76)
			var asserted []string
			for _, pack := range s.Assert {
				asserted = append(asserted, pack.Value)
			}
			for _, pack := range packs {
				require.Contains(t, asserted, pack, "a shipped scenario asserts every pack of budgets: what a new one would leave out, it would not notice")
			}
			ids := map[string]bool{}
			for _, a := range list {
				ids[a.About().ID] = true
			}
			reconciled := []string{"requests-by-status", "durations-of-requests", "log-of-requests", "traces-of-hits", "histogram-shapes", "contract"}
			for _, credential := range s.Credentials {
				if len(credential.Fails) > 0 {
					reconciled = append(reconciled, "auth-failures")
				}
			}
			for _, id := range reconciled {
				require.True(t, ids[id], "%s is reconciled", id)
			}
			require.NotEmpty(t, s.Stages)
			require.True(t, slices.Contains(asserted, "logs") == (s.Logs != nil), "logs are taken in and asserted")
		})
	}
}
