package overhead

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryArmGetsTheSameHitsInMirroredOrder(t *testing.T) {
	const arms = 3
	dealt := deal(7, 5, arms, 2400)
	require.InDelta(t, 2400, len(dealt.arm), arms*turn)
	hits := make([][]uint64, arms)
	var orders [][]int
	for n := range dealt.arm {
		arm, hit := dealt.route(uint64(n))
		hits[arm] = append(hits[arm], hit)
		if n%turn == 0 {
			if n%(arms*turn) == 0 {
				orders = append(orders, nil)
			}
			orders[len(orders)-1] = append(orders[len(orders)-1], arm)
		}
	}
	different := map[[arms]int]bool{}
	for i := 0; i < len(orders); i += 2 {
		there, back := orders[i], orders[i+1]
		require.Equal(t, []int{there[2], there[1], there[0]}, back)
		different[[arms]int(there)] = true
	}
	require.Len(t, different, 6, "every order comes up")
	require.Equal(t, int(dealt.each), len(hits[0]))
	require.Equal(t, hits[0], hits[1])
	require.Equal(t, hits[0], hits[2])
	require.Equal(t, dealt, deal(7, 5, arms, 2400))
	require.Greater(t, deal(7, 6, arms, 2400).hit[0], hits[0][len(hits[0])-1], "another block has hits of its own")
}
