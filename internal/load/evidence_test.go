package load

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/load/hit"
)

// evidence is where the long runs leave what they found, to be judged here by every build.
const evidence = "../../docs/evidence"

// exactness is what an engine's million hits came to.
type exactness struct {
	Engine   string                 `json:"engine"`
	Hits     uint64                 `json:"hits"`
	Seen     uint64                 `json:"seen_by_the_server"`
	Repeated uint64                 `json:"sent_twice"`
	Outcomes map[hit.Outcome]uint64 `json:"outcomes"`
}

// stalled is what was said of a target that stalls 500 ms every 3 s, at 1,000 hits a second over
// ten connections. Seconds.
type stalled struct {
	Truth    map[string]float64 `json:"truth"`
	Brrtload map[string]float64 `json:"brrtload"`
	Vegeta   map[string]float64 `json:"vegeta"`
}

func readEvidence(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(evidence, name))
	require.NoError(t, err, "make evidence writes it")
	require.NoError(t, json.Unmarshal(text, into))
}

func TestEvidenceOfAnExactLedger(t *testing.T) {
	var found []exactness
	readEvidence(t, "load-exact.json", &found)
	require.Len(t, found, 2)
	for i, engine := range []Engine{FastHTTP, Vegeta} {
		e := found[i]
		require.Equal(t, string(engine), e.Engine)
		require.Equal(t, uint64(1_000_000), e.Hits)
		require.Zero(t, e.Repeated)
		certain := e.Outcomes[hit.Answered] + e.Outcomes[hit.Cut]
		require.Equal(t, e.Hits, certain+e.Outcomes[hit.Ambiguous]+e.Outcomes[hit.NeverReached])
		require.GreaterOrEqual(t, e.Seen, certain)
		require.LessOrEqual(t, e.Seen, certain+e.Outcomes[hit.Ambiguous])
		for _, outcome := range []hit.Outcome{hit.Answered, hit.Cut, hit.Ambiguous} {
			require.NotZero(t, e.Outcomes[outcome], "a run without %s hits shows little", outcome)
		}
	}
}

// The 500 hits that are due in a stall are worked off in some milliseconds after it: quantiles may
// be that much above the truth, never below.
func TestEvidenceOfAStall(t *testing.T) {
	var found stalled
	readEvidence(t, "load-stall.json", &found)
	require.Equal(t, map[string]float64{"p90": 0.2, "p99": 0.47, "p99.9": 0.497}, found.Truth)
	for q, truth := range found.Truth {
		require.GreaterOrEqual(t, found.Brrtload[q], truth-0.005, "%s", q)
		require.LessOrEqual(t, found.Brrtload[q], truth+0.050, "%s", q)
	}
	require.Less(t, found.Vegeta["p90"], found.Truth["p90"]/10)
	require.Less(t, found.Vegeta["p99"], found.Truth["p99"]/10, "vegeta with as many workers does not see it")
}
