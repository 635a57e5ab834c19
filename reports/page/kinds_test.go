package page

import (
	"bytes"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/hostile"
	"brrtload/reports/internal/sample"
)

// constant is what every page has alike, and what it packs of its result.
var constant = regexp.MustCompile(`(?s)(<style>).*?(</style>)|(<script>).*?(</script>)|(id="result">)[^<]*|content="default-src[^"]*"`)

func TestAPageOfEachKind(t *testing.T) {
	for name, r := range sample.Kinds() {
		var out, again bytes.Buffer
		require.NoError(t, HTML(&out, r))
		sample.RequireInertPage(t, out.Bytes())
		sample.Golden(t, filepath.Join("pages", name+".html"), constant.ReplaceAll(out.Bytes(), []byte("$1$2$3$4$5")))
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
		require.NoError(t, HTML(&out, sample.Kinds()[name]))
		_, body, _ := bytes.Cut(out.Bytes(), []byte("<body>"))
		for _, text := range want {
			require.Contains(t, string(body[:min(len(body), 4000)]), text, name)
		}
	}
}

// The first finding of every page stands open with its evidence, whatever overruled it.
func TestTheFirstFindingStandsOpen(t *testing.T) {
	for name, r := range sample.Kinds() {
		if name == "pass" || name == "overhead" {
			continue
		}
		views := findingViews(r, *r.Timeline)
		require.True(t, views[0].Open, name)
		require.NotEmpty(t, views[0].Facts, name)
	}
	views := findingViews(sample.Kinds()["inconclusive"], *sample.Charts(sample.Run().Started))
	require.NotEmpty(t, views[0].Charts, "what it measured by itself")
}

// Each kind with an attack in every text stays a page of its own elements.
func TestHostilePagesOfEachKind(t *testing.T) {
	for name, r := range sample.Kinds() {
		for i, attack := range hostile.Texts {
			poisoned := sample.Kinds()[name]
			hostile.Poison(&poisoned, attack)
			poisoned.Verdict = r.Verdict
			var out bytes.Buffer
			require.NoError(t, HTML(&out, poisoned), "%s %d", name, i)
			sample.RequirePlain(t, out.String())
			sample.RequireInertPage(t, out.Bytes())
		}
	}
}
