package judge

import (
	"context"
	"math"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
	"brrtload/internal/quantity"
)

// Skew is how far the clocks of the generators of a run were apart. Each sends its hits by its own
// clock: when they differ, a load is another one than planned, though no generator was late.
type Skew struct {
	Shards float64
	// Known is how many clocks were compared with that of shard 0, its own among them.
	Known int
	// Shard is the one whose clock is furthest off, by Offset seconds.
	Shard  string
	Offset float64
}

// skewOf measures it, nil when one generator sent the load.
func skewOf(ctx context.Context, e facts.Evidence, w facts.Window) (*Skew, error) {
	n, known, err := promql.Single(ctx, e, w, shards)
	if err != nil || !known || n < 2 {
		return nil, err
	}
	answer, err := e.Query(ctx, skews.String(), w)
	s := &Skew{Shards: n, Known: len(answer.Series)}
	for _, one := range answer.Series {
		if math.Abs(one.Value) >= math.Abs(s.Offset) {
			s.Shard, s.Offset = one.Labels["shard"], one.Value
		}
	}
	return s, err
}

// apart reports whether the clocks were too far apart, or may have been.
func (s *Skew) apart() bool {
	return s != nil && (float64(s.Known) < s.Shards || math.Abs(s.Offset) > maxSkew)
}

// finding returns what is to be said of the clocks.
func (s *Skew) finding() assertions.Finding {
	if float64(s.Known) < s.Shards {
		return assertions.Finding{Verdict: assertions.Inconclusive,
			Text: "the clocks of the shards were not all compared, so the load may have been another one; give all shards --barrier"}
	}
	f := assertions.Limits{{Operator: "<=", Quantity: quantity.Of(maxSkew, "s")}}.Compare(math.Abs(s.Offset))
	f.Text = "clock of shard " + s.Shard + " against that of shard 0: " + f.Text
	if f.Verdict == assertions.Fail {
		f.Verdict = assertions.Inconclusive
		f.Text += "; synchronize the clocks (NTP)"
	}
	return f
}
