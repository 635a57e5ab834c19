package stat

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"
)

func TestProportionsCoverAtLeastAsOftenAsTheySay(t *testing.T) {
	const n = 40
	for _, p := range []float64{0.02, 0.3, 0.5, 0.95} {
		covered := 0.0
		for k := range n + 1 {
			if Proportion(k, n, 0.95).Contains(p) {
				covered += distuv.Binomial{N: n, P: p}.Prob(float64(k))
			}
		}
		require.GreaterOrEqual(t, covered, 0.95, "p = %g", p)
	}
	require.Equal(t, Interval{0, 1}, Proportion(0, 0, 0.95))
	require.InDelta(t, 0.0362, Proportion(0, 100, 0.95).High, 0.0001, "the rule of three, nearly")
}
