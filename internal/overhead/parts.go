package overhead

import (
	"math"
	"slices"

	"brrtload/internal/stat"
	"brrtload/reports"
)

// NoneVariant names the variant with every part off: what it costs is the machinery's.
const NoneVariant = "none"

// part is one of the things that the whole overhead is made of: what it costs, block by block.
type part struct {
	name, kind string
	blocks     []float64
}

// split attributes the overhead of the candidate against a baseline: what each variant saves, what
// stays with everything off, and the interaction, which is what the parts do to each other. It is
// nil when there are no variants.
func (a analysis) split(baseline int) (list []part, total []float64) {
	main := metrics[0]
	total = a.differences(main, candidateArm, baseline)
	interaction := slices.Clone(total)
	for i, arm := range a.record.Design.Arms {
		if arm.Role != Variant {
			continue
		}
		p := part{arm.Name, "part", a.differences(main, candidateArm, i)}
		if arm.Name == NoneVariant {
			p.kind, p.blocks = "machinery", a.differences(main, i, baseline)
		}
		for block, cost := range p.blocks {
			interaction[block] -= cost
		}
		list = append(list, p)
	}
	if list == nil {
		return nil, nil
	}
	return append(list, part{"interaction", "interaction", interaction}), total
}

// parts returns the parts with intervals that hold all at once, with the confidence of one
// (Bonferroni).
func (a analysis) parts() []reports.Part {
	split, total := a.split(0)
	if split == nil {
		return nil
	}
	split = append(split, part{"total", "total", total})
	simultaneous := (1 - confidence) / float64(len(split))
	var list []reports.Part
	for _, p := range split {
		e := a.estimate(p.blocks)
		list = append(list, reports.Part{Name: p.name, Kind: p.kind, Between: between(e.Value, a.at(e, simultaneous))})
	}
	return list
}

// closing reports whether the parts and their interaction add up to the total, measured apart: the
// parts in every second start and against the baseline, the total in the others and against the
// twin. It is the difference of the two, which ought to be nothing, and there is none without
// parts.
//
// Within one start they add up by what an interaction is, and nothing would be learnt. What makes
// this fail is an interaction, or a total, that is another the next time.
func (a analysis) closing() (stat.Estimate, bool) {
	split, against := a.split(0)
	if split == nil {
		return stat.Estimate{}, false
	}
	_, total := a.split(twinArm)
	whole, apart := a.half(against, 0), a.half(total, 1)
	e := stat.Estimate{N: min(whole.N, apart.N), DF: min(whole.DF, apart.DF),
		Error: math.Hypot(whole.Error, apart.Error), Value: -apart.Value}
	for _, p := range split {
		e.Value += a.half(p.blocks, 0).Value
	}
	return e, true
}

// half estimates from every second measurement, beginning with the first or the second.
func (a analysis) half(blocks []float64, from int) stat.Estimate {
	all := stat.Batches(means(a.groups(blocks)), a.shape.Factor)
	var half []float64
	for i := from; i < len(all); i += 2 {
		half = append(half, all[i])
	}
	return stat.Of(half).Widened(a.shape.Widen)
}
