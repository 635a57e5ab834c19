package reports

import (
	"bytes"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/internal/hostile"
)

// kinds returns a report of each kind of result.
func kinds() map[string]Report {
	with := func(verdict assertions.Verdict, status int, reason, by string, checks ...assertions.Check) Report {
		r := sample()
		r.Verdict, r.Status, r.Reason, r.DecidedBy, r.Checks, r.Exhibits = verdict, status, reason, by, checks, nil
		r.Generator.Dropped, r.Failures = 0, nil
		return r
	}
	of := sample().Checks
	held, failed := of[0], of[1]
	busy := check("queue-depth", "budget", assertions.Inconclusive, "41, must be < 32", failed.Findings...)
	busy.Overruled = &assertions.Overruled{Cause: assertions.Busy, Text: "other processes used 84 % of the CPUs, which can explain it", Own: assertions.Fail, Reason: "41, must be < 32"}
	absent := check("stack-used", "budget", assertions.DoesNotFit, "stack_used_bytes is not exposed", assertions.Finding{
		Verdict: assertions.DoesNotFit, Text: "stack_used_bytes is not exposed"})
	missing := check("queue-depth", "budget", assertions.Inconclusive, `the run has no complete window "steady": it was not reached`, assertions.Finding{
		Verdict: assertions.Inconclusive, Text: `the run has no complete window "steady": it was not reached`})
	died := with(assertions.Error, StatusUnreachable, "target bin/targetsvc ended with signal 11 while it was under load", "", missing)
	died.End, died.Cause, died.Requests = TargetDied, died.Reason, died.Requests[:2]
	died.Timeline.Marks = append(died.Timeline.Marks, Mark{At: 3.5, Text: "the target ended"})
	experiment := charted()
	experiment.Version, experiment.Scenario, experiment.End, experiment.Verdict, experiment.Reason = Version, "pet", Completed, assertions.Fail, "over: CPU per hit is +5 % [+4, +6]"
	experiment.Status, experiment.Overhead.Detectable, experiment.Overhead.Needed = StatusFail, 0.012, 240
	return map[string]Report{
		"pass":         with(assertions.Pass, StatusPass, "2 checks held; the tightest is stack-used with 47.5 % of its limit left", "", held, of[7]),
		"fail":         with(assertions.Fail, StatusFail, "queue-depth: 41, must be < 32", "queue-depth", held, failed),
		"untruthful":   sample(),
		"inconclusive": with(assertions.Inconclusive, StatusInconclusive, "queue-depth: "+busy.Sentence(), "queue-depth", held, busy),
		"not-fit":      with(assertions.DoesNotFit, StatusInconclusive, "stack-used: stack_used_bytes is not exposed", "stack-used", absent, of[7]),
		"died":         died,
		"overhead":     experiment,
	}
}

// constant is what every page has alike, and what it packs of its result.
var constant = regexp.MustCompile(`(?s)(<style>).*?(</style>)|(<script>).*?(</script>)|(id="result">)[^<]*|content="default-src[^"]*"`)

func TestAPageOfEachKind(t *testing.T) {
	for name, r := range kinds() {
		var out, again bytes.Buffer
		require.NoError(t, HTML(&out, r))
		requireInertPage(t, out.Bytes())
		golden(t, filepath.Join("pages", name+".html"), constant.ReplaceAll(out.Bytes(), []byte("$1$2$3$4$5")))
		require.NoError(t, HTML(&again, r))
		require.True(t, bytes.Equal(out.Bytes(), again.Bytes()), "%s: the same report gives the same bytes", name)
	}
}

func TestWhatAPageBeginsWith(t *testing.T) {
	for name, want := range map[string][]string{
		"pass":         {"Every check that had something to look at held."},
		"fail":         {"queue-depth: 41, must be &lt; 32", "The service exceeded a limit."},
		"untruthful":   {"the client counted 1,600 answers with 200, the server 1,440", "The metrics of the service disagree with what the client saw."},
		"inconclusive": {"other processes used 84 % of the CPUs", "The evidence cannot tell pass from fail.", "quieter machine"},
		"not-fit":      {"stack_used_bytes is not exposed", "does not expose"},
		"died":         {"ended with signal 11", "could not be measured to its end"},
		"overhead":     {"CPU per hit is", "could have detected a difference of 1.2 % in CPU per hit"},
	} {
		var out bytes.Buffer
		require.NoError(t, HTML(&out, kinds()[name]))
		_, body, _ := bytes.Cut(out.Bytes(), []byte("<body>"))
		for _, text := range want {
			require.Contains(t, string(body[:min(len(body), 4000)]), text, name)
		}
	}
}

// The first finding of every page stands open with its evidence, whatever overruled it.
func TestTheFirstFindingStandsOpen(t *testing.T) {
	for name, r := range kinds() {
		if name == "pass" || name == "overhead" {
			continue
		}
		views := findingViews(r, *r.Timeline)
		require.True(t, views[0].Open, name)
		require.NotEmpty(t, views[0].Facts, name)
	}
	views := findingViews(kinds()["inconclusive"], *charts(sample().Started))
	require.NotEmpty(t, views[0].Charts, "what it measured by itself")
}

// Each kind with an attack in every text stays a page of its own elements.
func TestHostilePagesOfEachKind(t *testing.T) {
	for name, r := range kinds() {
		for i, attack := range hostile.Texts {
			poisoned := kinds()[name]
			hostile.Poison(&poisoned, attack)
			poisoned.Verdict = r.Verdict
			var out bytes.Buffer
			require.NoError(t, HTML(&out, poisoned), "%s %d", name, i)
			requirePlain(t, out.String())
			requireInertPage(t, out.Bytes())
		}
	}
}
