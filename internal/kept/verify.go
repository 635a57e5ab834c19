package kept

import (
	"context"
	"fmt"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/internal/suite"
	"brrtload/reports"
)

// Verify judges the run again, from its evidence, and returns the report of that; the directory is
// not changed. With others, the packs and files of those names judge it instead of the run's own.
// The error is a [diag.List], a [diag.Mistake], or what went wrong in judging.
func (r Run) Verify(ctx context.Context, others ...string) (reports.Report, error) {
	report := r.Report
	s, err := suite.Open(r.Dir)
	if err == nil && len(others) > 0 {
		s, err = s.By(others...)
		if report.End == reports.Aborted { // by a budget that is not asked about
			report.End, report.Cause = reports.Completed, ""
		}
	}
	if err != nil {
		return report, err
	}
	unjudged := report.End == reports.Unreachable || report.End == reports.Untraced || // nothing was measured
		report.End == reports.Incomplete || report.Verdict == assertions.NotApplicable // of shards
	report.Command = "verify"
	if unjudged {
		return report, nil
	}
	store, err := r.Evidence()
	if err != nil {
		return report, err
	}
	defer store.Close() //nolint:errcheck // it was only read
	judgement, err := s.Judge(ctx, store)
	if err == nil {
		report.Settle(judgement)
	}
	if err != nil || report.Status == reports.StatusInternal {
		if damage := store.Check(ctx); damage != nil {
			return report, diag.Mistake{Err: fmt.Errorf("the evidence in %s is damaged: %w; verify needs the directory as the run left it",
				r.Dir, damage)}
		}
	}
	return report, err
}
