package reports

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
)

func TestExitStatusPutsTheWorstFirst(t *testing.T) {
	for _, row := range []struct {
		end     End
		verdict assertions.Verdict
		want    int
	}{
		{Completed, assertions.Pass, 0},
		{Completed, assertions.Fail, 1},
		{Completed, assertions.Untruthful, 3},
		{Completed, assertions.Inconclusive, 4},
		{Completed, assertions.Error, 70},
		{Aborted, assertions.Fail, 1},
		{TargetDied, assertions.Untruthful, 5},
		{MetricsLost, assertions.Pass, 5},
		{Unreachable, assertions.Pass, 5},
		{Interrupted, assertions.Untruthful, 130},
	} {
		require.Equal(t, row.want, ExitStatus(row.end, row.verdict), "%s, %s", row.end, row.verdict)
	}
}

func TestSettlePutsTheEndOfTheRunBeforeTheVerdict(t *testing.T) {
	judged := assertions.Judgement{Verdict: assertions.Pass, Reason: "3 checks held", Checks: make([]assertions.Check, 3)}
	for end, want := range map[End]Report{
		Completed:   {Verdict: assertions.Pass, Reason: "3 checks held", Status: StatusPass},
		Interrupted: {Verdict: assertions.Inconclusive, Reason: "interrupted; of what was measured: 3 checks held", Status: StatusInterrupted},
		TargetDied:  {Verdict: assertions.Error, Reason: "it was killed", Status: StatusUnreachable},
		Unreachable: {Verdict: assertions.Error, Reason: "it was killed", Status: StatusUnreachable},
	} {
		r := Report{End: end, Cause: "it was killed"}
		r.Settle(judged)
		require.Equal(t, []any{want.Verdict, want.Reason, want.Status, 3}, []any{r.Verdict, r.Reason, r.Status, len(r.Checks)}, "%s", end)
		r.Settle(judged)
		require.Equal(t, want.Reason, r.Reason, "%s: settling again, as verify does, changes nothing", end)
	}
}

func TestARunWhoseReportsCouldNotBeKeptIsNoPass(t *testing.T) {
	for end, want := range map[End]Report{
		Completed:   {End: Failed, Verdict: assertions.Error, Reason: "no room", Status: StatusInternal},
		TargetDied:  {End: Failed, Verdict: assertions.Error, Reason: "no room", Status: StatusInternal},
		Interrupted: {End: Interrupted, Verdict: assertions.Inconclusive, Reason: "interrupted; of what was measured: 3 checks held", Status: StatusInterrupted},
	} {
		r := Report{End: end}
		r.Settle(assertions.Judgement{Verdict: assertions.Pass, Reason: "3 checks held"})
		before := r
		r.Lacks(nil)
		require.Equal(t, before, r)
		r.Lacks(errors.New("no room"))
		require.Equal(t, []any{want.End, want.Verdict, want.Reason, want.Status}, []any{r.End, r.Verdict, r.Reason, r.Status}, "%s", end)
	}
}
