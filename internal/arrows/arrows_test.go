// Package arrows keeps the package map true: imports point downward, the way an argument builds on
// its premises.
package arrows

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// allowed lists, for each package of ours, which others it may import, and why nothing more.
var allowed = map[string]struct {
	imports []string
	because string
}{
	"assertions": {[]string{"assertions/promql", "internal/facts", "internal/quantity", "internal/diag"},
		"an assertion looks at facts through an interface, and never opens a connection"},
	"assertions/judge": {[]string{"assertions", "assertions/promql", "internal/facts", "internal/quantity"},
		"the judge knows no kind of assertion, and never opens a connection"},
	"assertions/promql": {[]string{"internal/facts", "internal/quantity", "internal/diag"}, "an expression is analysed before anything is judged by it"},
	"assertions/doubts": {[]string{"assertions", "assertions/promql", "internal/facts", "internal/quantity"},
		"what may explain a finding knows no kind of assertion"},
	"assertions/identities": {[]string{"assertions", "assertions/doubts", "assertions/promql", "internal/facts", "internal/quantity", "internal/diag"},
		"a kind of assertion knows no other room of kinds, nor the files that it is written in"},
	"assertions/instrumented": {[]string{"assertions", "assertions/checks", "assertions/identities", "assertions/promql", "internal/profile",
		"internal/facts", "internal/quantity", "internal/diag"}, "an instrumentation stands for assertions as anybody writes them"},
	"assertions/checks": {[]string{"assertions", "assertions/doubts", "assertions/promql", "internal/facts", "internal/quantity", "internal/diag"},
		"a kind of assertion knows no other room of kinds, nor the files that it is written in"},
	"assertions/rules":    {[]string{"assertions", "assertions/checks", "assertions/promql", "internal/facts", "internal/quantity", "internal/diag"}, "a rule is an assertion"},
	"assertions/contract": {[]string{"assertions", "internal/facts", "internal/diag"}, "a contract is an assertion"},
	"assertions/packs": {[]string{"assertions", "assertions/checks", "assertions/identities", "assertions/instrumented", "assertions/rules", "assertions/contract", "internal/diag"},
		"files are read into kinds; what they mean is not known here"},
	"assertions/lint": {[]string{"assertions", "assertions/promql", "assertions/packs", "assertions/contract", "internal/facts", "internal/diag"},
		"what is wrong before a run is known without evidence"},
	"assertions/internal/stage": {[]string{"assertions", "assertions/checks", "assertions/packs", "internal/facts"}, "made evidence is of tests alone"},
	"scenarios":                 {[]string{"internal/pace", "internal/diag"}, "a scenario says what to send; it does not send"},
	"reports":                   {[]string{"reports/fit", "assertions", "internal/facts", "internal/quantity"}, "a report is what its producers found; how it is shown is not known here"},
	"reports/fit":               {nil, "a text is made fit to be shown, whatever it says"},
	"reports/tables": {[]string{"reports", "reports/fit", "assertions", "internal/diag", "internal/quantity"},
		"what formats share knows no format"},
	"reports/chart": {[]string{"reports", "reports/fit", "reports/tables", "assertions", "internal/quantity"},
		"a chart is drawn from figures, whatever it stands in"},
	"reports/page": {[]string{"reports", "reports/chart", "reports/fit", "reports/tables", "assertions", "internal/diag", "internal/quantity"},
		"one format knows no other"},
	"reports/terminal": {[]string{"reports", "reports/fit", "reports/tables", "assertions", "internal/diag", "internal/facts", "internal/quantity", "internal/stacks"},
		"one format knows no other"},
	"reports/formats": {[]string{"reports", "reports/fit", "reports/page", "reports/tables", "reports/terminal", "assertions", "internal/diag"},
		"the list of formats stands above them"},
	"reports/internal/sample": {[]string{"reports", "assertions", "internal/diag", "internal/facts", "internal/hostile"}, "made reports are of tests alone"},
	"ci":                      {[]string{"reports", "reports/formats", "assertions", "internal/diag"}, "ci tells the environment what a report says"},

	"docs/picture": {[]string{"reports", "reports/terminal"}, "the picture of a report shows what a report says"},

	"internal/facts":    {nil, "what is known of any telemetry rests on nothing"},
	"internal/pace":     {nil, "a schedule is a pure function"},
	"internal/profile":  {[]string{"internal/diag"}, "a profile is a file of names"},
	"internal/stat":     {nil, "statistics know nothing of ours"},
	"internal/diag":     {nil, "diagnostics know only text"},
	"internal/quantity": {nil, "a number is a number"},
	"internal/stacks":   {nil, "a stack is seen from outside, whoever asks"},
	"internal/memory":   {nil, "a heap is seen from outside, whoever asks"},
	"internal/process":  {nil, "a child process is anybody's"},
	"internal/machine":  {nil, "the machine is nobody's"},
	"internal/files":    {[]string{"internal/diag"}, "a file is read before anything is known of what is in it"},
	"internal/bundled":  {[]string{"internal/diag"}, "the bundled service is a program, and asked as one"},
	"internal/service":  {[]string{"internal/process", "internal/diag"}, "a service is a process that answers"},
	"internal/hostile":  {nil, "a hostile text is of tests alone"},
	"internal/pipetest": {nil, "a test server is anybody's"},
	"internal/arrows":   {nil, "it looks from outside"},
	"internal/tier":     {nil, "a tier of tests is of tests alone"},

	"internal/load": {[]string{"scenarios", "internal/pace", "internal/diag"}, "the runner sends a plan and keeps the ledger; what it means is judged later"},
	"internal/load/vegeta": {[]string{"internal/load/hit", "internal/load/dial", "scenarios"},
		"an engine sends hits; when they are due and what is counted is the runner's"},
	"internal/load/http1": {[]string{"internal/load/hit", "internal/load/dial", "scenarios"},
		"an engine sends hits; when they are due and what is counted is the runner's"},
	"internal/load/benchload": {[]string{"internal/machine", "internal/process"},
		"a benchmark sees whole processes, from outside"},
	"internal/load/dial":   {[]string{"internal/load/hit"}, "a connection knows nothing of hits but what they come to"},
	"internal/load/hit":    {[]string{"scenarios"}, "what came of a hit rests on the scenario alone"},
	"internal/remotewrite": {[]string{"internal/evidence"}, "a sink takes samples as they are stored"},
	"internal/shard":       {nil, "which part of a load is whose, and when it starts, is known without any load"},
	"internal/load/clock":  {nil, "an instant is an instant"},
	"internal/evidence":    {[]string{"internal/facts"}, "evidence stands behind facts.Evidence"},
	"internal/scrape":      {[]string{"internal/facts", "internal/evidence", "internal/diag"}, "a scrape becomes evidence"},
	"internal/rounds":      {[]string{"internal/scrape", "internal/evidence"}, "a round reads endpoints; what one exposes is theirs to understand"},
	"internal/prometheus":  {[]string{"internal/scrape", "internal/facts", "internal/diag"}, "what another server has scraped is taken in as scrapes"},
	"internal/signals":     {[]string{"internal/facts", "internal/diag"}, "events become evidence"},
	"internal/overhead": {[]string{"scenarios", "assertions", "reports", "internal/facts", "internal/load", "internal/load/hit", "internal/pace", "internal/signals",
		"internal/process", "internal/service", "internal/machine", "internal/stat", "internal/quantity", "internal/bundled", "internal/files",
		"internal/diag"}, "the experiment compares arms; it shares no phase with run"},
	"internal/discover": {[]string{"internal/scrape", "internal/profile", "internal/evidence", "internal/facts", "internal/process", "internal/quantity", "internal/diag"},
		"discovery learns from a service by experiment; what it writes is judged elsewhere"},
	"internal/suite": {[]string{"scenarios", "assertions", "assertions/checks", "assertions/identities", "assertions/judge", "assertions/lint", "assertions/packs",
		"assertions/promql", "internal/facts", "internal/files", "internal/diag"}, "a suite is read and judges; it sends nothing and knows no report"},
	"internal/validate": {[]string{"assertions", "assertions/contract", "assertions/lint", "assertions/packs", "assertions/promql", "assertions/rules",
		"internal/exposed", "internal/files", "internal/scrape", "internal/suite", "internal/quantity", "internal/diag", "scenarios"},
		"what is wrong with a file is known before anything is sent but scrapes"},
	"internal/exposed": {[]string{"internal/kept", "internal/scrape", "internal/evidence", "internal/facts", "internal/files", "internal/diag"},
		"an exposition is read, whoever wants it"},
	"internal/kept": {[]string{"assertions", "internal/suite", "internal/evidence", "internal/facts", "reports", "internal/diag"},
		"a kept run is read and judged without what made it"},
	"internal/expected": {[]string{"reports"}, "how a run must end is a table"},
	"internal/gen": {[]string{"scenarios", "assertions", "assertions/checks", "assertions/contract", "assertions/instrumented",
		"assertions/packs", "assertions/promql", "assertions/rules", "reports", "reports/terminal", "internal/diag", "internal/expected", "internal/overhead", "internal/profile"},
		"what is written from the code reads the code, and only tests compare"},
	"internal/memtrace": {[]string{"scenarios", "reports", "internal/memory", "internal/evidence", "internal/quantity", "internal/diag"},
		"what a tool saw becomes evidence; when the load begins and ends is the run's"},
	"internal/charts":   {[]string{"assertions", "reports", "internal/evidence", "internal/facts", "internal/diag"}, "a chart is drawn from the evidence that was judged"},
	"internal/capacity": {[]string{"assertions", "reports", "internal/quantity"}, "the search knows what a probe showed, not how it was made"},
	"internal/record": {[]string{"assertions", "internal/evidence", "internal/facts", "internal/load", "internal/load/hit",
		"internal/machine", "internal/process", "internal/rounds", "internal/scrape", "internal/signals",
		"internal/stacks", "reports", "scenarios"},
		"what brrtload itself knows is written down as evidence; what it means is judged elsewhere"},
	"internal/result": {[]string{"internal/load", "internal/load/hit", "internal/machine", "internal/record", "internal/scrape",
		"reports", "scenarios"},
		"a report is filled from what was counted"},
	"internal/merge": {[]string{"assertions", "internal/charts", "internal/diag", "internal/evidence", "internal/facts",
		"internal/load", "internal/quantity", "internal/record", "internal/result", "internal/shard",
		"internal/suite", "reports", "reports/formats", "scenarios"},
		"shards are merged from what they kept; nothing is sent"},
	"internal/relay": {[]string{"internal/prometheus", "internal/scrape"},
		"a server that scrapes the service is waited for, whatever the run does meanwhile"},
	"internal/run": {[]string{"assertions", "assertions/checks", "assertions/judge", "internal/charts", "internal/diag",
		"internal/evidence", "internal/facts", "internal/load", "internal/load/dial", "internal/load/hit",
		"internal/machine", "internal/memtrace", "internal/merge", "internal/pace", "internal/process", "internal/prometheus",
		"internal/quantity", "internal/record", "internal/relay", "internal/remotewrite", "internal/result",
		"internal/rounds", "internal/scrape", "internal/service", "internal/shard", "internal/signals",
		"internal/stacks", "internal/suite", "reports", "reports/formats", "reports/terminal", "scenarios"},
		"run carries a scenario out, and only the command stands above it"},
}

type listed struct {
	ImportPath string
	Imports    []string
}

// packages asks the go command. `go test` does not know what that reads; it does know of the files
// that are looked at here, and repeats no result from before one of them changed.
func packages(t *testing.T, tags string) []listed {
	t.Helper()
	require.NoError(t, filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != "../.." {
			return fs.SkipDir
		}
		if err == nil && strings.HasSuffix(path, ".go") {
			_, err = os.Stat(path)
		}
		if errors.Is(err, fs.ErrNotExist) { // another test's, and gone
			return nil
		}
		return err
	}))
	out, err := exec.Command("go", "list", "-tags", tags, "-json=ImportPath,Imports", "brrtload/...").Output()
	require.NoError(t, err)
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else {
			require.NoError(t, err)
		}
		all = append(all, p)
	}
}

func TestArrowsPointDownward(t *testing.T) {
	for _, p := range packages(t, "") {
		name := strings.TrimPrefix(p.ImportPath, "brrtload/")
		for _, path := range p.Imports {
			other, ours := strings.CutPrefix(path, "brrtload/")
			if ours {
				if reason := forbidden(name, other); reason != "" {
					t.Errorf("%s imports %s: %s; do without it, or add the arrow to allowed, above, if the reason bears it", name, other, reason)
				}
			}
		}
	}
}

// An arrow that is allowed and that nothing draws any longer would let it come back unseen. What
// only tests draw is no part of the map.
func TestAllowedArrowsAreDrawn(t *testing.T) {
	drawn := map[string]map[string]bool{}
	for _, tags := range []string{"", "long"} {
		for _, p := range packages(t, tags) {
			name := owner(strings.TrimPrefix(p.ImportPath, "brrtload/"))
			if drawn[name] == nil {
				drawn[name] = map[string]bool{}
			}
			for _, path := range p.Imports {
				if other, ours := strings.CutPrefix(path, "brrtload/"); ours {
					drawn[name][other] = true
				}
			}
		}
	}
	for name, rule := range allowed {
		require.Contains(t, drawn, name, "a package on the map that is none any longer")
		for _, other := range rule.imports {
			if !drawn[name][other] {
				t.Errorf("%s may import %s, and does not: take the arrow off allowed, above", name, other)
			}
		}
	}
}

// owner returns the package on the map whose rule holds for a package: itself, or the nearest one
// above it.
func owner(name string) string {
	for parent := name; ; {
		if _, known := allowed[parent]; known {
			return parent
		}
		up := strings.LastIndex(parent, "/")
		if up < 0 {
			return name
		}
		parent = parent[:up]
	}
}

// forbidden reports why a package must not import another, and nothing when it may.
func forbidden(name, other string) string {
	inTarget := func(s string) bool { return s == "targetsvc" || strings.HasPrefix(s, "targetsvc/") }
	switch {
	case inTarget(name) && !inTarget(other):
		return "targetsvc shares no code with what judges it: were a metric's name one constant, a wrong name would agree with itself"
	case inTarget(name):
		return ""
	case inTarget(other):
		return "brrtload starts the sibling binary and never imports it"
	case strings.HasPrefix(name, "cmd/"):
		return ""
	case strings.HasPrefix(other, "cmd/"):
		return "nothing imports a command"
	}
	parent := name
	for {
		rule, known := allowed[parent]
		if known {
			if slices.Contains(rule.imports, other) || strings.HasPrefix(other, parent+"/") || other == parent {
				return ""
			}
			return rule.because
		}
		up := strings.LastIndex(parent, "/")
		if up < 0 {
			return "the package is not on the map: add it to internal/arrows with the reason for its arrows"
		}
		parent = parent[:up]
	}
}

func TestForbiddenGivesTheReason(t *testing.T) {
	require.Contains(t, forbidden("assertions", "internal/evidence"), "never opens a connection")
	require.Contains(t, forbidden("targetsvc/internal/router", "internal/diag"), "agree with itself")
	require.Contains(t, forbidden("cmd/brrtload", "targetsvc/internal/router"), "sibling binary")
	require.Contains(t, forbidden("internal/unheard-of", "reports"), "not on the map")
	require.Empty(t, forbidden("internal/run", "internal/load"))
	require.Empty(t, forbidden("targetsvc", "targetsvc/internal/router"))
}
