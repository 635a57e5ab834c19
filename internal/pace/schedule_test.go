package pace

import (
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func ExampleConstant() {
	fmt.Println(Constant{Rate: 100 * PerSecond, Duration: time.Second}.At(3))
	// Output: 30ms
}

const day = 24 * time.Hour

// stages are one of each kind, with rates that do not divide a second, over seconds and over days.
var stages = []Stage{
	Constant{100 * PerSecond, time.Second},
	Constant{333_333_333, 3 * day},
	Constant{1, 20 * day},
	Constant{MaxRate, MaxDuration},
	Ramp{0, 1000 * PerSecond, time.Minute},
	Ramp{1000 * PerSecond, 0, time.Minute},
	Ramp{7, MaxRate, MaxDuration},
	Ramp{50_000_001, 49_999_999, 10 * day},
	Ramp{5000 * PerSecond, 5000 * PerSecond, day},
	NewSteps(10*PerSecond, 17*PerSecond, 3, 10*time.Second),
	NewSpike(10*PerSecond, 500*PerSecond, 300*time.Millisecond, time.Second, 5*time.Second),
	NewSpike(0, 500*PerSecond, 0, time.Second, 3*time.Second),
	Sine{100 * PerSecond, 100 * PerSecond, 10 * time.Second, time.Minute},
	Sine{5000 * PerSecond, 2500 * PerSecond, time.Hour, 10 * day},
	Pause{time.Second},
	NewSchedule(Pause{time.Second}, Constant{3 * PerSecond, time.Second}, Pause{time.Second}, Ramp{1, 9 * PerSecond, time.Second}, Pause{1}),
}

func TestDueTimesNeverFallAndLieWithinTheStage(t *testing.T) {
	for _, s := range stages {
		t.Run(s.String(), func(t *testing.T) {
			hits := s.Hits()
			step := max(1, hits/5000)
			last := time.Duration(0)
			for n := uint64(0); n < hits; n += step {
				at := s.At(n)
				require.GreaterOrEqual(t, at, last, "hit %d", n)
				last = at
			}
			if hits > 0 {
				require.Less(t, s.At(hits-1), s.Length())
			}
		})
	}
}

// expected returns the hits of a stage by t in exact arithmetic: the truth that the schedules are
// held against.
func expected(s Stage, t time.Duration) *big.Rat {
	rate := func(r Rate) *big.Rat { return new(big.Rat).SetFrac64(int64(r), int64(unit)) }
	whole := func(d time.Duration) *big.Rat { return new(big.Rat).SetInt64(int64(d)) }
	mul := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }
	switch s := s.(type) {
	case Constant:
		return mul(rate(s.Rate), whole(t))
	case Ramp:
		slope := new(big.Rat).Sub(rate(s.To), rate(s.From))
		slope.Quo(slope, whole(2*s.Duration))
		return new(big.Rat).Add(mul(rate(s.From), whole(t)), mul(slope, mul(whole(t), whole(t))))
	default:
		return nil
	}
}

func TestDueTimesAreExact(t *testing.T) {
	for _, s := range stages {
		if expected(s, 0) == nil {
			continue
		}
		t.Run(s.String(), func(t *testing.T) {
			hits := s.Hits()
			for i := range uint64(500) {
				n := hits / 500 * i
				if i < 20 {
					n = min(i, hits-1)
				}
				at := s.At(n)
				_, rounded := s.(Constant) // down, where the others take the first nanosecond that is late enough
				want := new(big.Rat).SetUint64(n)
				if rounded {
					require.LessOrEqual(t, expected(s, at).Cmp(want), 0, "hit %d at %d", n, at)
					require.Positive(t, expected(s, at+1).Cmp(want), "hit %d at %d", n, at)
					continue
				}
				require.GreaterOrEqual(t, expected(s, at).Cmp(want), 0, "hit %d at %d", n, at)
				if at > 0 {
					require.Negative(t, expected(s, at-1).Cmp(want), "hit %d at %d", n, at)
				}
			}
			end := expected(s, s.Length())
			require.Negative(t, new(big.Rat).SetUint64(hits-1).Cmp(end))
			require.GreaterOrEqual(t, new(big.Rat).SetUint64(hits).Cmp(end), 0)
		})
	}
}

func TestHitsOfEachKind(t *testing.T) {
	for _, row := range []struct {
		stage Stage
		hits  uint64
		third time.Duration // when hit 3 is due
	}{
		{Constant{100 * PerSecond, time.Second}, 100, 30 * time.Millisecond},
		{Constant{PerSecond / 2, 7 * time.Second}, 4, 6 * time.Second},
		{Ramp{0, 6 * PerSecond, 2 * time.Second}, 6, 1414213563},
		{NewSteps(PerSecond, 3*PerSecond, 3, 3*time.Second), 6, 2 * time.Second},
		{NewSpike(0, 10*PerSecond, 0, time.Second, 3*time.Second), 10, 1300 * time.Millisecond},
		{Sine{10 * PerSecond, 0, time.Second, time.Second}, 10, 300 * time.Millisecond},
		{Sine{10 * PerSecond, 10 * PerSecond, time.Second, time.Second}, 10, 194_874_725},
	} {
		t.Run(row.stage.String(), func(t *testing.T) {
			require.Equal(t, row.hits, row.stage.Hits())
			require.InDelta(t, row.third, row.stage.At(3), 2)
		})
	}
}

func TestScheduleFindsTheStageOfAHit(t *testing.T) {
	s := NewSchedule(Constant{2 * PerSecond, time.Second}, Pause{time.Second}, Constant{PerSecond, 2 * time.Second})
	require.Equal(t, uint64(4), s.Hits())
	require.Equal(t, 4*time.Second, s.Length())
	for n, want := range []struct {
		due   time.Duration
		stage int
	}{{0, 0}, {500 * time.Millisecond, 0}, {2 * time.Second, 2}, {3 * time.Second, 2}} {
		due, stage := s.Due(uint64(n))
		require.Equal(t, want.due, due)
		require.Equal(t, want.stage, stage)
	}
	start, end := s.Span(1)
	require.Equal(t, []time.Duration{time.Second, 2 * time.Second}, []time.Duration{start, end})
}

func TestClosedFrom(t *testing.T) {
	require.Equal(t, uint64(10), NewSchedule(Constant{10 * PerSecond, time.Second}, Max{Duration: time.Second}).ClosedFrom())
	require.Equal(t, uint64(Unbounded), NewSchedule(Constant{10 * PerSecond, time.Second}).ClosedFrom())
}

func BenchmarkAt(b *testing.B) {
	for _, s := range []Stage{Constant{5000 * PerSecond, time.Hour}, Ramp{0, 5000 * PerSecond, time.Hour}, Sine{5000 * PerSecond, 1000 * PerSecond, time.Minute, time.Hour}} {
		b.Run(s.String(), func(b *testing.B) {
			b.ReportAllocs()
			n := uint64(0)
			for b.Loop() {
				s.At(n)
				n = (n + 1) % s.Hits()
			}
		})
	}
}
