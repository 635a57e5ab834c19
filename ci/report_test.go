package ci

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
	"brrtload/reports"
)

func variables(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestDetect(t *testing.T) {
	for _, row := range []struct {
		name string
		env  map[string]string
		want Environment
	}{
		{"a person's shell", nil, Environment{}},
		{"GitHub", map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": "/w", "GITHUB_STEP_SUMMARY": "/s", "GITHUB_OUTPUT": "/o"},
			Environment{GitHub, "/w", "/s", "/o"}},
		{"GitLab", map[string]string{"GITLAB_CI": "true", "CI_PROJECT_DIR": "/p"}, Environment{System: GitLab, Root: "/p"}},
		{"Jenkins", map[string]string{"JENKINS_URL": "http://j", "WORKSPACE": "/w"}, Environment{System: Jenkins, Root: "/w"}},
		{"another system", map[string]string{"CI": "true"}, Environment{}},
	} {
		require.Equal(t, row.want, Detect(variables(row.env)), row.name)
	}
}

// github makes a repository with one budget file, in which the command runs.
func github(t *testing.T) Environment {
	t.Helper()
	root, step := t.TempDir(), t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, "service", "budgets"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "service", "budgets", "smoke.yaml"), []byte("budgets: []\n"), 0o644))
	t.Chdir(filepath.Join(root, "service"))
	return Environment{GitHub, root, filepath.Join(step, "summary"), filepath.Join(step, "output")}
}

func number(v float64) *float64 { return &v }

func budget(id string, verdict assertions.Verdict, severity assertions.Severity) assertions.Check {
	return assertions.Check{
		Heading: assertions.Heading{ID: id, Kind: "budget", Severity: severity, Window: facts.Steady, Query: "max(depth)",
			Position: diag.Position{File: "budgets/smoke.yaml", Line: 12, Column: 3}},
		Verdict: verdict, Reason: "41, must be < 32",
		Findings: []assertions.Finding{{Verdict: verdict, Text: "41, must be < 32", Measured: number(41.23456), Operator: "<", Limit: number(32)}},
	}
}

// itself asks for nothing elsewhere.
func itself(p diag.Position) diag.Position { return p }

func run(checks ...assertions.Check) reports.Report {
	return reports.Report{Version: reports.Version, Scenario: "smoke", Verdict: assertions.Fail, Reason: "depth: 41, must be < 32",
		End: reports.Completed, Status: 1, Checks: checks}
}

func TestGitHubGetsAnnotationsSummaryAndOutputs(t *testing.T) {
	env := github(t)
	shipped := budget("shipped", assertions.Untruthful, assertions.Failing)
	shipped.Position.File = "shipped:packs/smoke.yaml"
	asked := func(p diag.Position) diag.Position {
		if _, ok := p.Shipped(); ok {
			return diag.Position{File: "budgets/smoke.yaml", Line: 40, Column: 10}
		}
		return p
	}
	r := run(budget("good", assertions.Pass, assertions.Failing), budget("depth", assertions.Fail, assertions.Failing),
		budget("advice", assertions.Fail, assertions.Warning), budget("unclear", assertions.Inconclusive, assertions.Failing), shipped)
	require.NoError(t, os.WriteFile(env.Summary, []byte("# from a step before\n"), 0o644))

	var log bytes.Buffer
	require.NoError(t, Report(&log, env, r, "runs/1", asked))
	const told = "41, must be < 32%0Aquery: max(depth)\n"
	require.Equal(t, ""+
		"::error file=service/budgets/smoke.yaml,line=40,title=untruthful%3A shipped::"+strings.TrimSuffix(told, "\n")+
		"%0Aat shipped:packs/smoke.yaml:12:3, which `brrtload packs show smoke` prints\n"+
		"::error file=service/budgets/smoke.yaml,line=12,title=fail%3A depth::"+told+
		"::error file=service/budgets/smoke.yaml,line=12,title=inconclusive%3A unclear::"+told+
		"::warning file=service/budgets/smoke.yaml,line=12,title=fail%3A advice::"+told, log.String())

	summary, err := os.ReadFile(env.Summary)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(summary), "# from a step before\n**FAIL** smoke: depth: 41, must be \\< 32\n"), string(summary))

	outputs, err := os.ReadFile(env.Output)
	require.NoError(t, err)
	require.Equal(t, "verdict=fail\nfailed=1\ninconclusive=1\nuntruthful=1\nreport-path=runs/1/report.md\nexit-status=1\n", string(outputs))
}

func TestAnInterruptedRunIsNoPassForAStepThatFollows(t *testing.T) {
	env := github(t)
	r := run()
	r.End = reports.Interrupted
	r.Settle(assertions.Judgement{Verdict: assertions.Pass, Reason: "1 check held",
		Checks: []assertions.Check{budget("good", assertions.Pass, assertions.Failing)}})
	require.NoError(t, Report(io.Discard, env, r, "runs/1", itself))
	outputs, err := os.ReadFile(env.Output)
	require.NoError(t, err)
	require.Equal(t, "verdict=inconclusive\nfailed=0\ninconclusive=1\nuntruthful=0\nreport-path=runs/1/report.md\nexit-status=130\n", string(outputs))
	summary, err := os.ReadFile(env.Summary)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(summary), "**INCONCLUSIVE** smoke: interrupted; of what was measured: 1 check held\n"), string(summary))
}

func TestAnnotationsAreTheTenWorst(t *testing.T) {
	var checks []assertions.Check
	for i := range 30 {
		checks = append(checks, budget(fmt.Sprintf("unclear-%d", i), assertions.Inconclusive, assertions.Failing))
	}
	checks = append(checks, budget("worst", assertions.Error, assertions.Failing))
	var log bytes.Buffer
	require.NoError(t, annotate(&log, github(t), run(checks...), itself))
	require.Equal(t, 10, strings.Count(log.String(), "\n"))
	require.Contains(t, strings.SplitN(log.String(), "\n", 2)[0], "title=error%3A worst")
}

func TestAnnotationsNameOnlyFilesOfTheRepository(t *testing.T) {
	env := github(t)
	outside := filepath.Join(t.TempDir(), "outside.yaml")
	require.NoError(t, os.WriteFile(outside, nil, 0o644))
	for file, want := range map[string]string{
		"budgets/smoke.yaml": "file=service/budgets/smoke.yaml,line=3,",
		filepath.Join(env.Root, "service/budgets/smoke.yaml"): "file=service/budgets/smoke.yaml,line=3,",
		outside:                    "",
		"shipped:packs/smoke.yaml": "",
		"gone.yaml":                "",
		"":                         "",
	} {
		require.Equal(t, want, place(env, diag.Position{File: file, Line: 3}), file)
	}
	require.Empty(t, place(Environment{}, diag.Position{File: "budgets/smoke.yaml", Line: 3}))
}

func TestHostileTextCannotIssueCommands(t *testing.T) {
	attack := "\r\n::set-output name=verdict::pass\n##[error]x\x1b[2J,title=y::z%0A" + strings.Repeat("long ", 2000)
	c := budget(attack, assertions.Fail, assertions.Failing)
	c.Reason, c.Query, c.Why = attack, attack, attack
	env := github(t)
	var log bytes.Buffer
	require.NoError(t, Report(&log, env, run(c), "a\nverdict=pass", itself))
	require.Equal(t, 1, strings.Count(log.String(), "\n"))
	require.True(t, strings.HasPrefix(log.String(), "::error file=service/budgets/smoke.yaml,line=12,title=fail%3A "))
	require.NotContains(t, log.String(), "\r")
	require.NotContains(t, log.String(), "\x1b")
	require.Contains(t, log.String(), "z%250A", "a percent sign is not taken for an escape")
	require.Less(t, log.Len(), 8000)
	outputs, err := os.ReadFile(env.Output)
	require.NoError(t, err)
	require.Equal(t, 6, strings.Count(string(outputs), "\n"))
}

func TestSummaryStaysWithinGitHubsLimit(t *testing.T) {
	var checks []assertions.Check
	for i := range 3000 {
		c := budget(fmt.Sprintf("budget-%d", i), assertions.Fail, assertions.Failing)
		c.Reason = strings.Repeat("word ", 100)
		checks = append(checks, c)
	}
	for _, before := range []int{0, maxSummary - 5000} {
		env := github(t)
		require.NoError(t, os.WriteFile(env.Summary, bytes.Repeat([]byte("x"), before), 0o644))
		require.NoError(t, summarize(env, run(checks...)))
		info, err := os.Stat(env.Summary)
		require.NoError(t, err)
		require.LessOrEqual(t, info.Size(), int64(maxSummary))
		require.Greater(t, info.Size(), int64(before)+1000)
	}
	env := github(t)
	require.NoError(t, os.WriteFile(env.Summary, bytes.Repeat([]byte("x"), maxSummary-10), 0o644))
	require.ErrorContains(t, summarize(env, run()), "10 bytes are left")
}

func TestATroubledSummaryLeavesTheRest(t *testing.T) {
	env := github(t)
	env.Summary = filepath.Join(env.Summary, "not", "there")
	var log bytes.Buffer
	require.ErrorContains(t, Report(&log, env, run(budget("depth", assertions.Fail, assertions.Failing)), "runs/1", itself), "job summary")
	require.Contains(t, log.String(), "::error")
	require.FileExists(t, env.Output)
}

func TestOthersNeedNothing(t *testing.T) {
	for _, system := range []System{None, GitLab, Jenkins} {
		var log bytes.Buffer
		dir := t.TempDir()
		require.NoError(t, Report(&log, Environment{System: system}, run(budget("depth", assertions.Fail, assertions.Failing)), dir, itself))
		require.Empty(t, log.String())
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, entries)
	}
}
