package load

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNumbersKnowWhatIsMissingAndWhatCameTwice(t *testing.T) {
	s := Numbers{index: 1, of: 4}
	for _, n := range rand.Perm(1000) {
		if n != 77 && n != 500 {
			s.add(uint64(n)*4 + 1)
		}
	}
	ranges, twice, alien := s.Done()
	require.Equal(t, []Range{{0, 77}, {78, 500}, {501, 1000}}, ranges)
	require.Zero(t, twice)
	require.Zero(t, alien)
	s.add(77*4 + 1)
	s.add(77*4 + 1)
	s.add(77 * 4)
	ranges, twice, alien = s.Done()
	require.Equal(t, []Range{{0, 500}, {501, 1000}}, ranges)
	require.Equal(t, uint64(1), twice)
	require.Equal(t, uint64(1), alien)
}
