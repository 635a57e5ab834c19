package main

import (
	"brrtload/internal/overhead"
	"brrtload/internal/stat"
	"brrtload/reports"
)

// method counts the ways in which experiments have been made and judged. It grows when either
// changes, so that no evidence is taken for that of another method.
const method = 2

// methods says how experiments of each were made.
var methods = map[int]string{
	1: "12 blocks, the arms started anew every 4; blocks were the units of the estimate, and resemblance of neighbours refused experiments but did not widen intervals; with a budget, a start every 8 blocks",
	2: "8 blocks, the arms started anew before each; starts are the units of the estimate, and resemblance of neighbours widens intervals; with a budget, a start every 4 blocks",
}

// lessons says what the evidence of a method that is no longer used taught.
var lessons = map[int]string{
	1: " Its intervals missed the truth more often than they may. Where the errors come from, below, shows nothing that starts or whole experiments bring, and no resemblance of neighbours, so that a part of it was chance. " +
		"But on a machine that has any of these the method would seldom have noticed, and by simulation its intervals were too narrow from a resemblance of 0.1 on, while it refused one experiment in twelve that had none.",
}

// Said is what `brrtload overhead` said of an experiment when it was made.
type Said struct {
	Verdict    string          `json:"verdict"`
	Reason     string          `json:"reason"`
	Base       float64         `json:"base"`       // CPU seconds that a hit cost baseline and twin, on average
	Share      reports.Between `json:"share"`      // that the candidate costs more
	Difference reports.Between `json:"difference"` // the same in CPU seconds
	Twin       reports.Between `json:"twin"`       // share that the twin costs more
	Detectable float64         `json:"detectable"` // share
	Looked     bool            `json:"looked"`     // it was looked at after each block from the least number of starts on,
	Misled     bool            `json:"misled"`     // and at some look the interval for that had not the truth inside
}

// judged returns the experiment with what is said of it now.
func judged(e Experiment) Experiment {
	o, _ := overhead.Judge(e.Record)
	e.Said = Said{Verdict: o.Verdict, Reason: o.Reason}
	if len(o.Effects) == 0 {
		return e
	}
	cpu, twin := o.Effects[0], o.Twin[0]
	e.Said.Base = cpu.Base + twin.Difference.Value/2
	e.Said.Share, e.Said.Difference, e.Said.Twin, e.Said.Detectable = cpu.Share, cpu.Difference, twin.Share, o.Detectable
	if e.claims() {
		e.peek()
	}
	return e
}

// claims reports whether an overhead was claimed: the experiment was not refused. One with a budget
// that is not decided claims an interval, too.
func (e Experiment) claims() bool {
	switch e.Said.Verdict {
	case overhead.Unfit, overhead.Void:
		return false
	case overhead.Inconclusive:
		return len(e.Record.Budgets) > 0
	}
	return true
}

// peek looks at the experiment as one does who stops as soon as the budgets are decided.
func (e *Experiment) peek() {
	r, truth := e.Record, e.truth()
	r.Design.Fixed, r.Budgets = 0, nil
	for n := 1; n <= len(e.Record.Blocks); n++ {
		r.Blocks = e.Record.Blocks[:n]
		if o := overhead.Summarize(r); o.Sessions >= stat.MinLook {
			e.Said.Looked = true
			e.Said.Misled = e.Said.Misled || !has(o.Effects[0].Share, truth)
		}
	}
}

// truth returns the share that the candidate costs more: what it burns, of what a hit cost baseline
// and twin in that experiment.
func (e Experiment) truth() float64 { return e.Burn / e.Said.Base }

func has(b reports.Between, v float64) bool {
	return stat.Interval{Low: b.Low, High: b.High}.Contains(v)
}

// again judges all evidence of the present method again; of another it keeps what was said.
func again(all []Experiment) []Experiment {
	list := make([]Experiment, len(all))
	for i, e := range all {
		if list[i] = e; e.Method == method {
			list[i] = judged(e)
		}
	}
	return list
}
