package main

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

const capacityEvidence = "../../docs/evidence/capacity.json"

// knees is what repeated searches found, and for the bundled service what its settings say.
type knees struct {
	Computed float64   `json:"computed,omitempty"` // hits per second
	Found    []float64 `json:"found"`              // hits per second, a search each
	Low      []float64 `json:"low"`
	High     []float64 `json:"high"`
	Pressure []float64 `json:"cpu_pressure"` // of the last probe's machine
	Limit    []string  `json:"limit,omitempty"`
	First    []string  `json:"broke_first,omitempty"`
}

// Three searches of the bundled service found what its settings say, within 5 %, and three of a foreign
// service agree within 10 %.
func TestEvidenceOfCapacity(t *testing.T) {
	text, err := os.ReadFile(capacityEvidence)
	require.NoError(t, err)
	var all map[string]knees
	require.NoError(t, json.Unmarshal(text, &all))
	for _, of := range []string{"bundled", "foreign"} {
		require.Len(t, all[of].Found, 3, of)
		for i, knee := range all[of].Found {
			require.LessOrEqual(t, all[of].Low[i], knee)
			require.GreaterOrEqual(t, all[of].High[i], knee)
		}
	}
	bundled := all["bundled"]
	require.InEpsilon(t, 4/0.05/(1-0.01), bundled.Computed, 1e-9)
	for _, knee := range bundled.Found {
		require.InEpsilon(t, bundled.Computed, knee, 0.05)
	}
	require.Contains(t, bundled.Limit, "service")
	require.Less(t, apart(all["foreign"].Found), 0.10)
}

// apart is by which share the largest of some figures exceeds the least.
func apart(figures []float64) float64 {
	low, high := math.Inf(1), 0.0
	for _, f := range figures {
		low, high = min(low, f), max(high, f)
	}
	return high/low - 1
}
