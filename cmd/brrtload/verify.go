package main

import (
	"context"

	"github.com/spf13/cobra"

	"brrtload/internal/diag"
	"brrtload/internal/kept"
	"brrtload/internal/overhead"
	"brrtload/reports"
)

func verifyCommand() *cobra.Command {
	var f showing
	var others []string
	cmd := &cobra.Command{
		Use:   "verify RUN",
		Short: "Judge a kept run again, offline",
		Long: `Judge a run again from its directory: same evidence, scenario and assertions, no load. Print the report and
exit with its status; the run directory is not changed.

--assert judges by other packs and files instead of the run's own.`,
		Example: `  brrtload verify runs/smoke-20260101T120000.000Z
  brrtload verify runs/smoke-20260101T120000.000Z --assert stricter.yaml --assert requests`,
		Args: wrong(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.outputs.ready(); err != nil {
				return err
			}
			run, err := kept.Open(args[0])
			if err != nil {
				return err
			}
			report, err := verify(cmd.Context(), run, others)
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
	cmd.Flags().StringArrayVar(&others, "assert", nil, "`PACK` or file instead of the run's own assertions; repeatable")
	return cmd
}

// verify judges a kept run, or a kept experiment, again.
func verify(ctx context.Context, run kept.Run, others []string) (reports.Report, error) {
	switch {
	case run.Report.Overhead == nil:
		return run.Verify(ctx, others...)
	case len(others) > 0:
		return run.Report, diag.Mistakef("--assert is for the checks of a run, and this is an experiment: it is judged by its own budgets; give another --budget to brrtload overhead")
	default:
		return overhead.Verify(run.Report, run.Dir)
	}
}
