package shard

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// freeAddress returns one at which nothing listens.
func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

func TestParse(t *testing.T) {
	s, err := Parse("3/4")
	require.NoError(t, err)
	require.Equal(t, Shard{3, 4}, s)
	require.Equal(t, "3/4", s.String())
	for _, bad := range []string{"", "3", "4/4", "-1/4", "0/0", "0/1001", "a/b", "1/2/3"} {
		_, err := Parse(bad)
		require.Error(t, err, bad)
	}
}

func TestShardsMeetAndStartTogether(t *testing.T) {
	at := freeAddress(t)
	starts := make([]time.Time, 3)
	var working sync.WaitGroup
	for _, i := range []uint64{2, 1, 0} { // shard 0 comes last
		working.Go(func() {
			m := Member{Shard: Shard{i, 3}, Barrier: at, patience: time.Minute}
			defer m.Close()
			if err := m.Join(t.Context(), "plan"); err != nil {
				t.Error(i, err)
				return
			}
			start, err := m.Meet(t.Context())
			if err != nil {
				t.Error(i, err)
				return
			}
			starts[i] = start
			missing, err := m.Part(t.Context(), time.Minute)
			if err != nil || len(missing) > 0 {
				t.Error(i, missing, err)
			}
			if c := m.Clock(); !c.Known || c.Offset > 0.5 || c.Offset < -0.5 { // it is the same clock
				t.Errorf("shard %d: %+v", i, c)
			}
		})
		time.Sleep(20 * time.Millisecond)
	}
	working.Wait()
	require.False(t, starts[0].IsZero())
	for _, start := range starts {
		require.Equal(t, starts[0].UnixNano(), start.UnixNano())
	}
}

func TestAnotherPlanOrASecondProcessIsRefused(t *testing.T) {
	at := freeAddress(t)
	zero := Member{Shard: Shard{0, 2}, Barrier: at}
	require.NoError(t, zero.Join(t.Context(), "seed 7"))
	defer zero.Close()
	one := Member{Shard: Shard{1, 2}, Barrier: at}
	require.ErrorIs(t, one.Join(t.Context(), "seed 8"), ErrRefused)
	_, err := zero.Meet(t.Context())
	require.ErrorContains(t, err, "shard 1/2 has another plan: seed 8; shard 0 has seed 7")

	of3 := Member{Shard: Shard{1, 3}, Barrier: at}
	require.ErrorContains(t, of3.Join(t.Context(), "seed 7"), "no place among 2 shards")
	require.NoError(t, one.Join(t.Context(), "seed 7"))
	second := Member{Shard: Shard{1, 2}, Barrier: at}
	require.ErrorContains(t, second.Join(t.Context(), "seed 7"), "here already")
}

func TestAShardThatDoesNotComeIsNamed(t *testing.T) {
	zero := Member{Shard: Shard{0, 3}, Barrier: freeAddress(t), patience: 10 * time.Millisecond}
	require.NoError(t, zero.Join(t.Context(), "plan"))
	defer zero.Close()
	_, err := zero.Meet(t.Context())
	require.ErrorContains(t, err, "of 3 shards these did not come: 1, 2")
	missing, err := zero.Part(t.Context(), time.Millisecond)
	require.NoError(t, err)
	require.Equal(t, []uint64{1, 2}, missing)

	lonely := Member{Shard: Shard{1, 3}, Barrier: freeAddress(t), patience: 10 * time.Millisecond}
	require.ErrorContains(t, lonely.Join(t.Context(), "plan"), "waited 10ms for shard 0")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	lonely.patience = time.Hour
	require.ErrorIs(t, lonely.Join(ctx, "plan"), context.Canceled)
}

func TestASkewedClockIsMeasured(t *testing.T) {
	at := freeAddress(t)
	zero := Member{Shard: Shard{0, 2}, Barrier: at}
	require.NoError(t, zero.Join(t.Context(), "plan"))
	defer zero.Close()
	zero.server.now = func() time.Time { return time.Now().Add(-time.Hour) }
	one := Member{Shard: Shard{1, 2}, Barrier: at}
	require.NoError(t, one.Join(t.Context(), "plan"))
	require.True(t, one.Clock().Known)
	require.InDelta(t, 3600, one.Clock().Offset, 1)
	require.Less(t, one.Clock().Uncertainty, 1.0)
}
