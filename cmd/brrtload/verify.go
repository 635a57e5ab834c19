package main

import (
	"github.com/spf13/cobra"

	"brrtload/assertions"
	"brrtload/internal/evidence"
	"brrtload/reports"
)

func verifyCommand() *cobra.Command {
	var f showing
	cmd := &cobra.Command{
		Use:   "verify RUN",
		Short: "Judge a kept run again, offline",
		Long: `Judge a run again from its directory: the same evidence, the same scenario and assertions, no load.

It prints a report and gives the exit status that the run deserves; the run directory is not changed.`,
		Example: `  brrtload verify runs/smoke-20260101T120000.000Z`,
		Args:    wrong(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			report, err := verify(cmd, args[0])
			if err != nil {
				return err
			}
			if err := f.show(cmd, report); err != nil {
				return err
			}
			return ended(report)
		},
	}
	f.flags(cmd.Flags())
	return cmd
}

func verify(cmd *cobra.Command, dir string) (reports.Report, error) {
	report, err := reports.Read(dir)
	if err != nil {
		return report, usage(err)
	}
	if report.Overhead != nil {
		return verifyOverhead(report, dir)
	}
	src, change, err := keptSources(dir)
	if err != nil {
		return report, usage(err)
	}
	_, list, err := src.load(change)
	if err != nil {
		return report, err
	}
	report.Command = "verify"
	if report.End == reports.Unreachable { // nothing was measured
		return report, nil
	}
	store, err := evidence.Open(dir)
	if err != nil {
		return report, usage(err)
	}
	defer store.Close() //nolint:errcheck // it was only read
	judgement, err := assertions.Judge(cmd.Context(), store, list)
	if err != nil {
		return report, err
	}
	report.Settle(judgement)
	return report, nil
}
