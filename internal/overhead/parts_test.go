package overhead

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/tier"
	"brrtload/reports"
)

// apart is a record of an ablation: with everything on a hit costs 30 µs more, of which 10 stay
// with everything off, 12 go with a, 5 with b, and 3 are there only when both are.
func apart(starts int, seed uint64) Record {
	r := made(starts, 0.3)
	dice := rand.New(rand.NewPCG(seed, 1))
	r.Design.Arms = make([]Arm, 6)
	for i, name := range []string{NoneVariant, "a", "b"} {
		r.Design.Arms[3+i] = Arm{Name: name, Role: Variant}
	}
	for i := range r.Blocks {
		b := &r.Blocks[i]
		for _, less := range []float64{20e-6, 12e-6 + 3e-6, 5e-6 + 3e-6} {
			variant := b.Arms[candidateArm]
			variant.CPU -= less * float64(variant.Hits)
			b.Arms, b.Scrapes = append(b.Arms, variant), append(b.Scrapes, Scrape{})
			r.Rests[i].CPU = append(r.Rests[i].CPU, r.Rests[i].CPU[0])
		}
		for arm := range b.Arms {
			b.Arms[arm].CPU *= 1 + 0.002*dice.NormFloat64()
		}
	}
	return r
}

func TestAnAblationTellsPartsAndTheirInteraction(t *testing.T) {
	o, _ := Judge(apart(20, 1))
	require.Equal(t, Measured, o.Verdict, o.Reason)
	found := map[string]reports.Part{}
	for _, p := range o.Parts {
		found[p.Name] = p
	}
	for name, micros := range map[string]float64{"none": 10, "a": 15, "b": 8, "interaction": -3, "total": 30} {
		p := found[name]
		require.True(t, p.Low <= micros*1e-6 && micros*1e-6 <= p.High, "%s: %v", name, p)
		require.InDelta(t, micros, p.Value*1e6, 0.7, name)
		require.Less(t, p.High-p.Low, 2e-6, name)
	}
}

func TestPartsThatDoNotAddUpDecideNothing(t *testing.T) {
	tier.Long(t)
	const repetitions = 400
	wrong := 0
	for seed := range uint64(repetitions) {
		if o := Summarize(apart(20, seed)); o.Closing.Low > 0 || o.Closing.High < 0 {
			wrong++
		}
	}
	require.Less(t, wrong, repetitions*25/1000, "of parts that do add up, at most one in a hundred does not seem to")

	r := apart(20, 1)
	// what is measured in every second start is not what is measured in the others
	costlier(&r, func(i int) float64 { return 1 + 0.01*float64(i%2) })
	o, _ := Judge(r)
	require.Equal(t, Inconclusive, o.Verdict)
	require.Contains(t, o.Reason, "the parts do not add up")
}

func TestWithoutPartsNothingIsToAddUp(t *testing.T) {
	require.Zero(t, Summarize(made(20, 0.3)).Closing)
}
