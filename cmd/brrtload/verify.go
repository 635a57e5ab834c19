package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"brrtload/assertions"
	"brrtload/assertions/lint"
	"brrtload/internal/evidence"
	"brrtload/reports"
)

func verifyCommand() *cobra.Command {
	var f showing
	var others []string
	cmd := &cobra.Command{
		Use:   "verify RUN",
		Short: "Judge a kept run again, offline",
		Long: `Judge a run again from its directory: the same evidence, the same scenario and assertions, no load.

With --assert it is judged by other packs and files in the place of its own. It prints a report and gives the exit status that the run deserves;
the run directory is not changed.`,
		Example: `  brrtload verify runs/smoke-20260101T120000.000Z
  brrtload verify runs/smoke-20260101T120000.000Z --assert stricter.yaml --assert requests`,
		Args: wrong(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.outputs.ready(); err != nil {
				return err
			}
			report, err := verify(cmd, args[0], others...)
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
	f.fullFlag(cmd.Flags())
	cmd.Flags().StringArrayVar(&others, "assert", nil, "judge by this `PACK` or file in the place of what the run had")
	return cmd
}

func verify(cmd *cobra.Command, dir string, others ...string) (reports.Report, error) {
	dir, err := runDirectoryOf(dir)
	if err != nil {
		return reports.Report{}, err
	}
	report, err := readRun(dir)
	if err != nil {
		return report, err
	}
	if report.Overhead != nil {
		if len(others) > 0 {
			return report, usage(errors.New("--assert is for the checks of a run, and this is an experiment: it is judged by its own budgets; give another --budget to brrtload overhead"))
		}
		return verifyOverhead(report, dir)
	}
	src, change, err := keptSources(dir)
	if err != nil {
		return report, usage(err)
	}
	s, list, err := src.load(change)
	if err == nil && len(others) > 0 {
		if list, err = newSources("", false).others(others, s); err == nil {
			err = append(knownWindows(s, list), lint.Misread(list, clientOf(s))...).Err()
		}
		if report.End == reports.Aborted { // by a budget that is not asked about
			report.End, report.Cause = reports.Completed, ""
		}
	}
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
	if err == nil {
		report.Settle(judgement)
	}
	if err != nil || report.Status == reports.StatusInternal {
		if damage := store.Check(cmd.Context()); damage != nil {
			return report, usage(fmt.Errorf("the evidence in %s is damaged: %w; verify needs the directory as the run left it", dir, damage))
		}
	}
	return report, err
}
