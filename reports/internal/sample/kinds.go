package sample

import (
	"math"

	"brrtload/assertions"
	"brrtload/reports"
)

// Charted is an experiment with an ablation whose names mean harm.
func Charted() reports.Report {
	share := reports.Between{Value: 0.05, Low: 0.04, High: 0.06}
	return reports.Report{Command: "overhead", Overhead: &reports.Overhead{
		Effects: []reports.Effect{{Metric: "cpu", Unit: "s", Share: share}, {Metric: "p99", Unit: "s", Share: reports.Between{Value: 0.1, Low: -math.MaxFloat64, High: math.MaxFloat64}}},
		Twin:    []reports.Effect{{Metric: "cpu", Unit: "s", Share: reports.Between{Value: 0.001, Low: -0.004, High: 0.006}}},
		Others:  []reports.Other{{Name: `<script>alert("x")</script>` + "\x1b[2J", Effect: reports.Effect{Share: share}}},
		Parts:   []reports.Part{{Name: "none", Kind: "machinery", Between: reports.Between{Value: 1e-6, Low: 0, High: 2e-6}}, {Name: "a & b", Kind: "part", Between: reports.Between{Value: 3e-6, Low: 2e-6, High: 4e-6}}, {Name: "interaction", Kind: "interaction", Between: reports.Between{Value: -5e-7, Low: -1e-6, High: 0}}, {Name: "total", Kind: "total", Between: reports.Between{Value: 3.5e-6, Low: 3e-6, High: 4e-6}}},
		Points:  []reports.Point{{Seconds: 1, Candidate: 0.05, Twin: 0.001}, {Seconds: 2, Session: 1, Candidate: 0.04, Unfit: "saturated"}},
	}}
}

// Kinds returns a report of each kind of result.
func Kinds() map[string]reports.Report {
	with := func(verdict assertions.Verdict, status int, reason, by string, checks ...assertions.Check) reports.Report {
		r := Run()
		r.Verdict, r.Status, r.Reason, r.DecidedBy, r.Checks, r.Exhibits = verdict, status, reason, by, checks, nil
		r.Generator.Dropped, r.Failures = 0, nil
		return r
	}
	of := Run().Checks
	held, failed := of[0], of[1]
	busy := Check("queue-depth", "budget", assertions.Inconclusive, "41, must be < 32", failed.Findings...)
	busy.Overruled = &assertions.Overruled{Cause: assertions.Busy, Text: "other processes used 84 % of the CPUs, which can explain it", Own: assertions.Fail, Reason: "41, must be < 32"}
	absent := Check("stack-used", "budget", assertions.DoesNotFit, "stack_used_bytes is not exposed", assertions.Finding{
		Verdict: assertions.DoesNotFit, Text: "stack_used_bytes is not exposed"})
	missing := Check("queue-depth", "budget", assertions.Inconclusive, `the run has no complete window "steady": it was not reached`, assertions.Finding{
		Verdict: assertions.Inconclusive, Text: `the run has no complete window "steady": it was not reached`})
	died := with(assertions.Error, reports.StatusUnreachable, "target bin/targetsvc ended with signal 11 while it was under load", "", missing)
	died.End, died.Cause, died.Requests = reports.TargetDied, died.Reason, died.Requests[:2]
	died.Timeline.Marks = append(died.Timeline.Marks, reports.Mark{At: 3.5, Text: "the target ended"})
	experiment := Charted()
	experiment.Version, experiment.Scenario, experiment.End, experiment.Verdict, experiment.Reason = reports.Version, "pet", reports.Completed, assertions.Fail, "over: CPU per hit is +5 % [+4, +6]"
	experiment.Status, experiment.Overhead.Detectable, experiment.Overhead.Needed = reports.StatusFail, 0.012, 240
	return map[string]reports.Report{
		"pass":         with(assertions.Pass, reports.StatusPass, "2 checks held; the tightest is stack-used with 47.5 % of its limit left", "", held, of[7]),
		"fail":         with(assertions.Fail, reports.StatusFail, "queue-depth: 41, must be < 32", "queue-depth", held, failed),
		"untruthful":   Run(),
		"inconclusive": with(assertions.Inconclusive, reports.StatusInconclusive, "queue-depth: "+busy.Sentence(), "queue-depth", held, busy),
		"not-fit":      with(assertions.DoesNotFit, reports.StatusInconclusive, "stack-used: stack_used_bytes is not exposed", "stack-used", absent, of[7]),
		"died":         died,
		"overhead":     experiment,
	}
}
