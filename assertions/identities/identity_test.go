package identities_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/internal/facts"
)

const identity = `identities:
  - id: requests
    what: answers with {status}
    client: sum by (status) (increase(brrtload_hits_total{outcome="answered"}[range()] anchored))
    server: sum by (status) (increase(requests_total[range()] anchored))
    ambiguous: sum by (status) (increase(brrtload_hits_total{outcome="cut",status!=""}[range()] anchored)) or sum(increase(brrtload_hits_total{outcome="ambiguous"}[range()] anchored))
`

func TestIdentity(t *testing.T) {
	for name, row := range map[string]struct {
		series string
		want   []string
	}{
		"equal on every label set": {
			`brrtload_hits_total{outcome="answered",status="200"} 0+8x25
brrtload_hits_total{outcome="answered",status="404"} 0+1x25
requests_total{status="200",handler="a"} 5+3x25
requests_total{status="200",handler="b"} 0+5x25
requests_total{status="404"} 0+1x25
requests_total{status="500"} 0x25`,
			[]string{"pass: the client counted 160 answers with 200, the server 160", "pass: the client counted 20 answers with 404, the server 20"},
		},
		"a label set on one side only counts as 0 on the other": {
			`brrtload_hits_total{outcome="answered",status="200"} 0+8x25
requests_total{status="204"} 0+8x25`,
			[]string{"untruthful: the client counted 160 answers with 200, the server 0", "untruthful: the client counted 0 answers with 204, the server 160"},
		},
		"an ambiguous hit widens every status, and the sum once": {
			`brrtload_hits_total{outcome="answered",status="200"} 0+8x25
brrtload_hits_total{outcome="answered",status="404"} 0+1x25
brrtload_hits_total{outcome="ambiguous",status="0"} 0 0 0 0 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
requests_total{status="200"} 0 9+8x24
requests_total{status="404"} 0 2+1x24`,
			[]string{
				"pass: the client counted 160 to 161 answers with 200, the server 161",
				"pass: the client counted 20 to 21 answers with 404, the server 21",
				"untruthful: the client counted 180 to 181 answers with any status, the server 182",
			},
		},
		"a cut answer widens its own status": {
			`brrtload_hits_total{outcome="answered",status="200"} 0+8x25
brrtload_hits_total{outcome="cut",status="200"} 0 3x25
requests_total{status="200"} 0 10+8x24`,
			[]string{"pass: the client counted 160 to 163 answers with 200, the server 162"},
		},
		"hits that were never answered widen beside a cut that never happened": {
			`brrtload_hits_total{outcome="answered",status="200"} 0+8x25
brrtload_hits_total{outcome="cut"} 0x25
brrtload_hits_total{outcome="ambiguous"} 0 3x25
requests_total{status="200"} 0 10+8x24`,
			[]string{"pass: the client counted 160 to 163 answers with 200, the server 162"},
		},
		"a metric that does not exist is not 0": {
			`brrtload_hits_total{outcome="answered",status="200"} 0+8x25
request_total 1x25`,
			[]string{`does not fit: requests_total is not exposed; did you mean "request_total"?`},
		},
		"nor is one that nothing is like": {
			`brrtload_hits_total{outcome="answered",status="200"} 0+8x25`,
			[]string{"does not fit: requests_total is not exposed"},
		},
		"a restart is inconclusive": {
			`brrtload_hits_total{outcome="answered",status="200"} 0+8x25
process_start_time_seconds 100x9 200x15
requests_total{status="200"} 0+8x9 0+8x15`,
			[]string{
				"inconclusive: the client counted 160 answers with 200, the server 152; so much may be what it had counted before it restarted",
				"inconclusive: requests_total went down 1 times during the run: the service restarted, and what it counted since the scrape before is lost",
			},
		},
		"too many counts are no restart's doing": {
			`brrtload_hits_total{outcome="answered",status="200"} 0+8x25
process_start_time_seconds 100x9 200x15
requests_total{status="200"} 0+8x9 0+10x15`,
			[]string{
				"untruthful: the client counted 160 answers with 200, the server 172",
				"inconclusive: requests_total went down 1 times during the run: the service restarted, and what it counted since the scrape before is lost",
			},
		},
		"a restart before the first scrape under load": {
			`brrtload_hits_total{outcome="answered",status="200"} 0+8x25
process_start_time_seconds 100 200x24
requests_total{status="200"} 0 0+8x24`,
			[]string{"inconclusive: the client counted 160 answers with 200, the server 152; " +
				"so much may be what it had counted before it restarted"},
		},
		"a restart of another endpoint": {
			`brrtload_hits_total{outcome="answered",status="200"} 0+8x25
process_start_time_seconds 100x25
process_start_time_seconds{endpoint="b"} 100 200x24
requests_total{status="200"} 0 0+8x24`,
			[]string{"untruthful: the client counted 160 answers with 200, the server 152"},
		},
		"a start time that wanders": {
			`brrtload_hits_total{outcome="answered",status="200"} 0+8x25
process_start_time_seconds 100 100.5x24
requests_total{status="200"} 0 0+8x24`,
			[]string{"untruthful: the client counted 160 answers with 200, the server 152"},
		},
		"a counter that goes down by itself is not": {
			`brrtload_hits_total{outcome="answered",status="200"} 0+8x25
process_start_time_seconds 100x25
requests_total{status="200"} 0+8x9 0+8x15`,
			[]string{
				"untruthful: the client counted 160 answers with 200, the server 152",
				"untruthful: requests_total went down 1 times during the run, and the process did not restart",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := stage.New(t, row.series)
			if strings.Contains(row.series, "request_total") {
				e.Metadata = []facts.Family{{Name: "request_total", Type: "counter"}}
			}
			require.Equal(t, row.want, stage.Judge(t, e, identity))
		})
	}
}

func TestAnIdentityOfHitsThatTheRunDidNotHave(t *testing.T) {
	e := stage.New(t, "brrtload_hits_total{request=\"list\"} 0+8x25\nrequests_total{path=\"/lits\"} 0x25\n")
	const text = `identities: [{id: a, client: 'sum(increase(brrtload_hits_total{request="%s"}[range()] anchored))', server: 'sum(increase(requests_total{path="/%[1]s"}[range()] anchored))'}]`
	require.Equal(t, []string{`inconclusive: no hit of the run has the request "lits": nothing to reconcile with`}, stage.Judge(t, e, fmt.Sprintf(text, "lits")))
	require.Equal(t, []string{`untruthful: the client counted 160, the server 0`}, stage.Judge(t, e, fmt.Sprintf(text, "list")))
}

func TestAnIdentityDoesNotFitSidesThatCannotMeet(t *testing.T) {
	list := stage.Load(t, `identities:
  - id: requests
    client: sum by (status) (increase(brrtload_hits_total[range()] anchored))
    server: sum by (code) (increase(requests_total[range()] anchored))
`)
	findings, err := list[0].Judge(t.Context(), stage.New(t, "brrtload_hits_total{status=\"200\"} 0+8x25\nrequests_total{code=\"200\"} 0+8x25"))
	require.NoError(t, err)
	require.Equal(t, []string{"does not fit: the client side has the labels (status) and the server side (code); aggregate both by the same"}, stage.Said(findings))
}

func TestAnIdentityWithoutAWholeRunIsInconclusive(t *testing.T) {
	e := stage.New(t, "requests_total 0x25")
	e.Without = "run"
	require.Equal(t, []string{`inconclusive: the run has no complete window "run": it was not reached, or a scrape at its edge is missing`}, stage.Judge(t, e, identity))
}

// A label that the service does not have leaves the server side without it. Whether it ought to
// have it is for a contract to say.
func TestAnIdentityDoesNotFitAnAbsentLabel(t *testing.T) {
	list := stage.Load(t, `identities:
  - id: requests
    client: sum by (status) (increase(brrtload_hits_total[range()] anchored))
    server: sum by (status) (increase(requests_total[range()] anchored))
`)
	findings, err := list[0].Judge(t.Context(), stage.New(t, "brrtload_hits_total{status=\"200\"} 0+8x25\nrequests_total{code=\"200\"} 0+8x25"))
	require.NoError(t, err)
	require.Equal(t, []string{"does not fit: no series of the server side has a label of (status)"}, stage.Said(findings))
}

// "or" drops what is right of it where the left has the same labels: a cut without a status, which
// is 0, would hide the hits that were never answered.
func TestShippedIdentitiesDoNotHideAmbiguousHits(t *testing.T) {
	files, err := filepath.Glob("../packs/*.yaml")
	require.NoError(t, err)
	seen := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, cut := range regexp.MustCompile(`by \(status\) \(increase\(brrtload_hits_total\{[^}]*outcome="cut"[^}]*\}`).FindAllString(string(text), -1) {
			seen++
			require.Contains(t, cut, `status!=""`, file)
		}
	}
	require.NotZero(t, seen)
}
