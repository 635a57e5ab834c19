package overhead

import (
	"fmt"
	"math"

	"brrtload/assertions"
	"brrtload/internal/facts"
	"brrtload/internal/stat"
	"brrtload/reports"
)

// The verdicts.
const (
	Within       = "within"
	Equivalent   = "equivalent"
	Over         = "over"
	Inconclusive = "inconclusive"
	Measured     = "measured" // no budget was given
	Unfit        = "unfit"    // the machine or the load
	Void         = "void"     // the comparison is none
)

// verdicts translates to those of a run.
var verdicts = map[string]assertions.Verdict{
	Within: assertions.Pass, Equivalent: assertions.Pass, Measured: assertions.Pass, Over: assertions.Fail,
	Inconclusive: assertions.Inconclusive, Unfit: assertions.Inconclusive, Void: assertions.Untruthful,
}

// decided reports whether the experiment may stop: every budget has its answer, or none can be had.
func decided(r Record) bool {
	if len(r.Budgets) == 0 {
		return false
	}
	switch Summarize(r).Verdict {
	case Within, Equivalent, Over, Void:
		return true
	}
	return false
}

// verdict judges the whole, the gravest reason first.
func (a analysis) verdict(o *reports.Overhead) (verdict, reason string) {
	r := a.record
	if float64(a.left) > mostUnfit*float64(len(r.Blocks)) { // before anything that too much load may have brought about
		reason = fmt.Sprintf("%d of %d blocks could not be used: %s", a.left, len(r.Blocks), a.lastReason())
		if len(r.Objections) > 0 { // which ended the experiment
			reason += "; besides, " + r.Objections[0]
		}
		return Unfit, reason
	}
	for _, b := range r.Blocks {
		if why := unlike(r.Design, b); why != "" && b.Unfit == "" {
			return Void, why
		}
	}
	if len(r.Objections) > 0 {
		return Void, r.Objections[0]
	}
	if len(r.Blocks) == 0 {
		return Inconclusive, "no block was measured"
	}
	if twin := expm1(a.at(a.estimate(a.ratios(metrics[0], twinArm)), unlikely)); !twin.Contains(0) {
		return Unfit, fmt.Sprintf("the twin, which is the baseline once more, differs from it by %.2f to %.2f %%: this machine cannot tell an overhead now", twin.Low*100, twin.High*100)
	}
	switch {
	case o.Sessions < stat.MinLook && r.Design.Fixed > 0:
		return Inconclusive, fmt.Sprintf("%d starts of the arms are too few; %d are the least: ask for more blocks, or for fewer between two starts (--restart-every)", o.Sessions, stat.MinLook)
	case o.Sessions < stat.MinLook:
		return Inconclusive, fmt.Sprintf("%d starts of the arms are too few; %d are the least", o.Sessions,
			stat.MinLook)
	case !a.shape.Enough:
		return Inconclusive, fmt.Sprintf("neighbouring starts resemble each other (lag-1 correlation %.2f); more of them, or more blocks in each, would tell", a.shape.Lag1)
	case o.Drift < unlikely:
		return Inconclusive, fmt.Sprintf("the ratio drifts with time (p = %.4f): the arms had not settled", o.Drift)
	case o.Closing.Low > 0 || o.Closing.High < 0:
		return Inconclusive, fmt.Sprintf("the parts do not add up: with their interaction they are by %+.2f to %+.2f µs more than the total is in other starts", o.Closing.Low*1e6, o.Closing.High*1e6)
	}
	main := o.Effects[0]
	found := fmt.Sprintf("CPU per hit at %.0f/s is %+.2f %% [%+.2f, %+.2f], %+.2f µs", r.Design.Rate,
		main.Share.Value*100, main.Share.Low*100, main.Share.High*100, main.Difference.Value*1e6)
	verdict = Measured
	for _, b := range r.Budgets {
		answer, one := a.answer(b)
		switch {
		case answer == stat.Above:
			return Over, fmt.Sprintf("%s: over the budget %s", one, b.id()) + a.large()
		case answer == stat.Unclear:
			verdict = Inconclusive
			if found = one + ": the budget " + b.id() + " is inside the interval"; o.Needed == 0 {
				o.Needed = a.needed(b)
			}
			if o.Needed > 0 {
				found += ", and about " + minutes(o.Needed) + " more would tell"
			}
		case verdict == Measured && b.Band:
			verdict = Equivalent
		case verdict == Measured:
			verdict = Within
		}
	}
	return verdict, found + a.large()
}

// manifold is how many times the baseline's something must be, or how few, to be named beside the
// CPU.
const manifold = 2

// large names what of memory and latency is a multiple of the baseline's, beyond doubt, whatever
// the budgets are about.
func (a analysis) large() (text string) {
	for _, m := range metrics {
		if m.name != "rss" && m.name != "p50" && m.name != "p99" {
			continue
		}
		e := a.estimate(a.ratios(m, candidateArm))
		i := a.interval(e)
		if beyond := i.Low > math.Log(manifold) || i.High < -math.Log(manifold); beyond && !math.IsInf(e.Value, 0) {
			text += fmt.Sprintf("; %s is × %.3g [%.3g, %.3g]", m.name, math.Exp(e.Value), math.Exp(i.Low),
				math.Exp(i.High))
		}
	}
	return text
}

func (a analysis) lastReason() string {
	reason := "the CPU clocks of a block did not add up"
	for _, b := range a.record.Blocks {
		if b.Unfit != "" {
			reason = b.Unfit
		}
	}
	return reason
}

// of returns the estimate that a budget is about, as it is estimated: a share as the logarithm of a
// ratio.
func (a analysis) of(b Budget) stat.Estimate {
	for _, m := range metrics {
		if m.name == b.Metric && b.Share {
			return a.estimate(a.ratios(m, candidateArm))
		} else if m.name == b.Metric {
			return a.estimate(a.differences(m, candidateArm, 0))
		}
	}
	return stat.Estimate{}
}

func (a analysis) answer(b Budget) (stat.Answer, string) {
	e := a.of(b)
	i := a.interval(e)
	if !b.Share {
		return b.answer(i), fmt.Sprintf("%s is %+.3g [%+.3g, %+.3g]", b.Metric, e.Value, i.Low, i.High)
	}
	i = expm1(i)
	return b.answer(i), fmt.Sprintf("%s is %+.2f %% [%+.2f, %+.2f]", b.Metric, math.Expm1(e.Value)*100, i.Low*100,
		i.High*100)
}

// needed returns the seconds that a budget's decision would still take, and 0 when that is unknown.
func (a analysis) needed(b Budget) float64 {
	e := a.of(b)
	value := e.Value
	if b.Share {
		value = math.Expm1(value)
	}
	blocks, ok := e.Needed(1-(1-confidence)/float64(len(a.record.Budgets)), b.distance(value))
	last := a.record.Blocks[len(a.record.Blocks)-1]
	if !ok || e.N == 0 {
		return 0
	}
	each := last.Seconds / float64(e.N)
	return max(0, float64(blocks-e.N)*each)
}

// Judge judges a record: the overhead, and a check for every budget, or one of the measurement when
// there is none.
func Judge(r Record) (reports.Overhead, assertions.Judgement) {
	o := Summarize(r)
	said := o.Verdict + ": " + o.Reason
	j := assertions.Judgement{Verdict: verdicts[o.Verdict], Reason: said}
	if j.Verdict.String() == o.Verdict {
		j.Reason = o.Reason
	}
	check := func(id string, v assertions.Verdict, f assertions.Finding) {
		f.Verdict = v
		j.Checks = append(j.Checks, assertions.Check{Heading: assertions.Heading{ID: id, Kind: "overhead",
			Severity: assertions.Failing, Window: facts.Run},
			Verdict: v, Reason: f.Text, Findings: []assertions.Finding{f}})
	}
	sound := o.Verdict == Within || o.Verdict == Equivalent || o.Verdict == Over || o.Verdict == Inconclusive &&
		o.Sessions >= stat.MinLook
	if len(r.Budgets) == 0 || !sound {
		check("overhead.cpu", j.Verdict, assertions.Finding{Text: said})
		return o, j
	}
	a := analyse(r)
	for _, b := range r.Budgets {
		answer, text := a.answer(b)
		v := map[stat.Answer]assertions.Verdict{stat.Below: assertions.Pass, stat.Above: assertions.Fail,
			stat.Unclear: assertions.Inconclusive}[answer]
		e := a.of(b)
		value, limit := e.Value, b.Limit
		if b.Share {
			value = math.Expm1(value)
		}
		unit := "ratio"
		if !b.Share {
			unit = ""
			for _, m := range metrics {
				if m.name == b.Metric {
					unit = m.unit
				}
			}
		}
		check(b.id(), v.Worse(min(j.Verdict, assertions.Inconclusive)),
			assertions.Finding{Text: text, Measured: &value, Operator: "<", Limit: &limit, Unit: unit, Samples: e.N})
	}
	return o, j
}
