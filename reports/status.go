package reports

import (
	"encoding/json"
	"strings"

	"brrtload/assertions"
)

// The exit statuses of brrtload. Of several, the first of 130, 70, 2, 5, 3, 1, 4, 0 wins.
const (
	StatusPass       = 0 // every assertion held
	StatusFail       = 1 // a budget or a rule failed
	StatusUsage      = 2 // the command line, a scenario or an assertions file is wrong
	StatusUntruthful = 3 // the telemetry does not tell the truth
	// the evidence cannot tell, an assertion does not fit what is exposed, or the machine is unfit
	// to measure
	StatusInconclusive = 4
	StatusUnreachable  = 5   // the target or its endpoint could not be reached, or died
	StatusInternal     = 70  // brrtload itself went wrong
	StatusInterrupted  = 130 // a signal ended the run
)

// ExitStatus returns the exit status that a run with this end and verdict deserves.
func ExitStatus(end End, verdict assertions.Verdict) int {
	switch end {
	case Interrupted:
		return StatusInterrupted
	case TargetDied, MetricsLost, Unreachable:
		return StatusUnreachable
	case Failed:
		return StatusInternal
	case Incomplete, Untraced:
		return StatusInconclusive
	}
	switch verdict {
	case assertions.Pass, assertions.NotApplicable: // a shard is not judged: the run of all of them is
		return StatusPass
	case assertions.Fail:
		return StatusFail
	case assertions.Untruthful:
		return StatusUntruthful
	case assertions.Inconclusive, assertions.DoesNotFit:
		return StatusInconclusive
	default:
		return StatusInternal
	}
}

// Settle puts a judgement into the report, with the run's own verdict, reason and exit status. A
// run that did not come to its end has its own reason first: of an interrupted one it is
// unknown what the rest would have shown: it is no pass; one that a budget ended has failed, one
// that lost its target is an error whatever else holds.
func (r *Report) Settle(j assertions.Judgement) {
	r.Checks = j.Checks
	r.Verdict, r.Reason, r.DecidedBy = j.Verdict, j.Reason, j.By
	switch r.End {
	case Interrupted:
		r.Verdict = j.Verdict.Worse(assertions.Inconclusive)
		r.Reason = "interrupted; of what was measured: " + sentence(j.Verdict, j.Reason)
		if j.Verdict == assertions.Pass {
			r.Reason = "interrupted; of what was measured: " + j.Reason
		}
	case Aborted:
		if j.Verdict == assertions.Pass {
			r.Verdict = assertions.Fail
		}
		r.Reason = r.Cause
		if r.Verdict != assertions.Fail {
			r.Reason = j.Reason + "; " + r.Cause
		}
	case Incomplete, Untraced:
		r.Verdict, r.Reason, r.DecidedBy = assertions.Inconclusive, r.Cause, ""
	case TargetDied, MetricsLost, Unreachable, Failed:
		r.Verdict, r.Reason, r.DecidedBy = assertions.Error, r.Cause, ""
	}
	r.Status = ExitStatus(r.End, r.Verdict)
}

func sentence(v assertions.Verdict, reason string) string { return v.String() + ": " + reason }

// Sentence returns the verdict and its reason, so that the sentence can stand alone. The reason of
// an interrupted run does without the verdict, which is one of what was measured until then; that
// of an experiment has its own.
func (r Report) Sentence() string {
	experiment := r.Overhead != nil && r.End == Completed && r.Overhead.Verdict != r.Verdict.String()
	if r.End == Interrupted || experiment {
		return r.Reason
	}
	return sentence(r.Verdict, r.Reason)
}

// MarshalJSON implements json.Marshaler: in result.json the reason is the whole sentence.
func (r Report) MarshalJSON() ([]byte, error) {
	type fields Report
	f := fields(r)
	f.Reason = r.Sentence()
	return json.Marshal(f)
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *Report) UnmarshalJSON(text []byte) error {
	type fields Report
	if err := json.Unmarshal(text, (*fields)(r)); err != nil {
		return err
	}
	r.Reason = strings.TrimPrefix(r.Reason, sentence(r.Verdict, ""))
	return nil
}

// Lacks makes the report one of a run of which not everything that was asked for could be kept:
// brrtload itself went wrong, whatever holds. One that was interrupted stays that.
func (r *Report) Lacks(err error) {
	if r.End == Interrupted || err == nil {
		return
	}
	if r.End != Failed {
		r.End, r.Cause = Failed, err.Error()
	}
	r.Settle(assertions.Judgement{Verdict: r.Verdict, Reason: r.Reason, By: r.DecidedBy, Checks: r.Checks})
}
