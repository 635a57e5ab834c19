package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"brrtload/internal/diag"
	"brrtload/internal/kept"
	"brrtload/reports/page"
)

func explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain RUN CHECK",
		Short: "Show all there is on one check of a kept run",
		Long: `Show for one check of a kept run what its block in report.html shows: verdict and reason, every finding, both
counts, the query as run, the window, and what the endpoints exposed at both edges of the run.`,
		Example:           `  brrtload explain runs/smoke-20260101T120000.000Z requests-by-status`,
		Args:              wrong(cobra.ExactArgs(2)),
		ValidArgsFunction: completeChecks,
		RunE: func(cmd *cobra.Command, args []string) error {
			run, err := kept.Open(args[0])
			if err != nil {
				return err
			}
			if err := page.Explain(cmd.OutOrStdout(), run.Report, args[1]); err != nil {
				return usage(err)
			}
			return nil
		},
	}
}

// completeChecks offers the ids of the checks that a kept run has.
func completeChecks(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	run, err := kept.Open(args[0])
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var ids []string
	for _, c := range run.Report.Checks {
		ids = append(ids, fmt.Sprintf("%s\t%s", diag.Printable(c.ID), strings.ToLower(c.Verdict.String())))
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
