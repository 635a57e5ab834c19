package overhead

import (
	"errors"
	"os"
	"os/exec"

	"brrtload/internal/diag"
	"brrtload/reports"
)

// Mistaken reports whether the command line names what cannot be compared, so that nothing was
// started.
func Mistaken(err error) bool {
	return errors.Is(err, ErrSame) || errors.Is(err, ErrBuild) || errors.Is(err, exec.ErrNotFound) ||
		errors.Is(err, os.ErrNotExist) && !errors.Is(err, ErrArm)
}

// endOf reports how an experiment ended that gave an error, or none, after this many blocks.
func endOf(err error, interrupted bool, blocks int) reports.End {
	switch {
	case interrupted:
		return reports.Interrupted
	case errors.Is(err, ErrArm) && blocks == 0:
		return reports.Unreachable
	case errors.Is(err, ErrArm):
		return reports.TargetDied
	case err != nil:
		return reports.Failed
	}
	return reports.Completed
}

// Report makes a report of a record just measured, and of what put an end to it, if anything did.
func Report(r Record, dir string, interrupted bool, cause error) reports.Report {
	end := endOf(cause, interrupted, len(r.Blocks))
	report := reports.Report{Version: reports.Version, Command: "overhead", End: end, Seed: r.Design.Seed,
		Directory: dir,
		Target:    reports.Target{Name: r.Design.Arms[2].Command.String()}}
	if cause != nil {
		report.Cause = cause.Error()
	}
	o, judgement := Judge(r)
	report.Overhead = &o
	report.Settle(judgement)
	return report
}

// Verify judges a kept experiment again from its blocks, and returns the report of that. The error
// is a [diag.Mistake].
func Verify(kept reports.Report, dir string) (reports.Report, error) {
	record, err := ReadRecord(dir)
	if err != nil {
		return kept, diag.Mistake{Err: err}
	}
	o, judgement := Judge(record)
	kept.Command, kept.Overhead = "verify", &o
	kept.Settle(judgement)
	return kept, nil
}
