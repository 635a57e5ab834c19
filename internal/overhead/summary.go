package overhead

import (
	"fmt"
	"math"

	"brrtload/internal/stat"
	"brrtload/reports"
)

// confidence is of every interval.
const confidence = 0.95

// What a trend, a difference between baseline and twin, or parts that do not add up, must be as
// unlikely as, to be believed. All are looked for in every experiment.
const unlikely = 0.01

// analysis is a record as it is judged: the blocks that are fit, by start of the arms, and how many
// starts are put together.
//
// A start is the unit of measurement, and a block is none: where its memory lies, how its file is
// cached and what its arms rest at is drawn once for a start, and all its blocks have it in common.
// Repetition must be at the highest level that brings variation (Kalibera and Jones, Rigorous
// Benchmarking in Reasonable Time, ISMM 2013, §6).
//
// Note: blocks as the units, unless a test finds that starts differ, lost. With three starts of
// four blocks, and starts that vary half as much as blocks do, such intervals cover 88 %, and the
// test finds out one time in twenty.
type analysis struct {
	record Record
	fit    []Block
	left   int
	shape  stat.Lengthened
}

// analyse looks at the blocks through the deciding metric.
func analyse(r Record) analysis {
	a := analysis{record: r}
	for _, b := range r.Blocks {
		usable := b.Unfit == ""
		for arm := range r.Design.Arms {
			usable = usable && metrics[0].of(r, b, arm) > 0
		}
		if usable {
			a.fit = append(a.fit, b)
		} else {
			a.left++
		}
	}
	a.shape = stat.Independent(means(a.groups(a.ratios(metrics[0], candidateArm))))
	return a
}

// The places of the arms that are in every experiment.
const (
	twinArm      = 1
	candidateArm = 2
)

// ratios returns ln(arm ÷ baseline), block by block.
func (a analysis) ratios(m metric, arm int) []float64 {
	list := make([]float64, len(a.fit))
	for i, b := range a.fit {
		list[i] = math.Log(m.of(a.record, b, arm) / m.of(a.record, b, 0))
	}
	return list
}

func (a analysis) differences(m metric, arm, from int) []float64 {
	list := make([]float64, len(a.fit))
	for i, b := range a.fit {
		list[i] = m.of(a.record, b, arm) - m.of(a.record, b, from)
	}
	return list
}

// groups puts what blocks measured together by start of the arms.
func (a analysis) groups(blocks []float64) [][]float64 {
	var groups [][]float64
	session := -1
	for i, x := range blocks {
		if a.fit[i].Session != session {
			session, groups = a.fit[i].Session, append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], x)
	}
	return groups
}

// means returns the mean of each group.
func means(groups [][]float64) []float64 {
	list := make([]float64, len(groups))
	for i, g := range groups {
		for _, x := range g {
			list[i] += x / float64(len(g))
		}
	}
	return list
}

// estimate makes one estimate of what blocks measured: of the means of starts, which are put
// together, and their error widened, where neighbours resemble each other.
func (a analysis) estimate(blocks []float64) stat.Estimate {
	return stat.Of(stat.Batches(means(a.groups(blocks)), a.shape.Factor)).Widened(a.shape.Widen)
}

// interval returns the interval that the design allows: after a number of starts fixed beforehand,
// or at any look. Several budgets share the doubt.
func (a analysis) interval(e stat.Estimate) stat.Interval {
	return a.at(e, (1-confidence)/float64(max(1, len(a.record.Budgets))))
}

// at returns the interval that leaves so much doubt.
func (a analysis) at(e stat.Estimate, doubt float64) stat.Interval {
	if a.record.Design.Fixed > 0 {
		return e.At(1 - doubt)
	}
	return e.Always(1 - doubt)
}

func expm1(i stat.Interval) stat.Interval { return i.Map(math.Expm1) }

func between(value float64, i stat.Interval) reports.Between {
	clip := func(v float64) float64 { return max(-math.MaxFloat64, min(v, math.MaxFloat64)) } // JSON has no infinity
	return reports.Between{Value: value, Low: clip(i.Low), High: clip(i.High)}
}

// effects compares an arm with the baseline by metrics, as far as they were measured.
func (a analysis) effects(of []metric, arm int) []reports.Effect {
	var list []reports.Effect
	for _, m := range of {
		base := make([]float64, len(a.fit))
		for i, b := range a.fit {
			base[i] = m.of(a.record, b, 0)
		}
		d := a.estimate(a.differences(m, arm, 0))
		e := reports.Effect{Metric: m.name, Unit: m.unit, Base: a.estimate(base).Value, Blocks: d.N,
			Difference: between(d.Value, a.interval(d)), Detectable: min(d.Detectable(), math.MaxFloat64)}
		if ratio := a.estimate(a.ratios(m, arm)); m.relative && !math.IsNaN(ratio.Value) &&
			!math.IsInf(ratio.Value, 0) && !math.IsNaN(ratio.Error) {
			e.Share = between(math.Expm1(ratio.Value), expm1(a.interval(ratio)))
		}
		if e.Base != 0 || d.Value != 0 {
			list = append(list, e)
		}
	}
	return list
}

// Summarize reports what a record shows. It is cheap enough for every block.
func Summarize(r Record) reports.Overhead {
	o := reports.Overhead{Rate: r.Design.Rate, Load: r.Design.Load, Pinned: r.Design.Pin.String(), Layout: r.layouts(),
		Confidence: confidence, Sequential: r.Design.Fixed == 0,
		Delivered: r.Delivered, Baseline: r.Design.Arms[0].Command.String(), Candidate: r.Design.Arms[candidateArm].Command.String()}
	a := analyse(r)
	main := a.ratios(metrics[0], candidateArm)
	starts := a.groups(main)
	o.Blocks, o.Left, o.Sessions = len(a.fit), a.left, len(starts)
	o.Factor, o.Lag1 = a.shape.Factor, a.shape.Lag1
	if len(a.fit) > 0 {
		o.Drift, o.Between = stat.Drift(means(starts)), stat.Between(starts)
		o.Detectable = min(a.estimate(main).Detectable(), math.MaxFloat64)
		o.Effects, o.Twin = a.effects(metrics, candidateArm), a.effects(metrics, twinArm)
		for arm := candidateArm + 1; arm < len(r.Design.Arms); arm++ {
			o.Others = append(o.Others, reports.Other{Name: r.Design.Arms[arm].Name,
				Command: r.Design.Arms[arm].Command.String(), Effect: a.effects(metrics[:1], arm)[0]})
		}
		o.Parts = a.parts()
		if e, ok := a.closing(); ok {
			o.Closing = between(e.Value, a.at(e, unlikely))
		}
	}
	for _, b := range r.Blocks {
		at := func(arm int) float64 {
			v := metrics[0].of(r, b, arm)/metrics[0].of(r, b, 0) - 1
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return 0
			}
			return v
		}
		o.Points = append(o.Points, reports.Point{Seconds: b.Seconds, Session: b.Session, Candidate: at(candidateArm),
			Twin: at(twinArm), Unfit: b.Unfit})
	}
	o.Verdict, o.Reason = a.verdict(&o)
	return o
}

// minutes shows how long something still takes.
func minutes(seconds float64) string { return fmt.Sprintf("%.1f min", seconds/60) }
