package pace

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestShardsTogetherAreTheWholeSchedule(t *testing.T) {
	whole := NewSchedule(Constant{Rate: 7 * PerSecond, Duration: 3 * time.Second}, Pause{Duration: time.Second},
		Constant{Rate: 100 * PerSecond, Duration: 1100 * time.Millisecond})
	for _, of := range []uint64{1, 2, 3, 4, 7, 200} {
		seen := map[uint64]bool{}
		var sum uint64
		for index := range of {
			s := whole.Shard(index, of)
			sum += s.Hits()
			require.Equal(t, whole.Length(), s.Length())
			for n := range s.Hits() {
				number := s.Number(n)
				require.False(t, seen[number], "hit %d is in two shards of %d", number, of)
				seen[number] = true
				at, stage := whole.Due(number)
				due, in := s.Due(n)
				require.Equal(t, at, due)
				require.Equal(t, stage, in)
			}
		}
		require.Equal(t, whole.Hits(), sum)
		require.Len(t, seen, int(whole.Hits()))
		require.GreaterOrEqual(t, whole.Shard(0, of).Peak()*Rate(of), whole.Peak())
	}
}
