package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"brrtload/internal/charts"
	"brrtload/internal/diag"
	"brrtload/internal/evidence"
	"brrtload/internal/kept"
	"brrtload/reports/page"
	"brrtload/reports/terminal"
)

// asking is what `brrtload query` asks and how it shows the answer.
type asking struct{ window, format string }

// queryFormats are the ways to show an answer.
var queryFormats = []string{"table", "json", "svg"}

func queryCommand() *cobra.Command {
	var a asking
	cmd := &cobra.Command{
		Use:   "query RUN PROMQL",
		Short: "Ask a kept run anything in PromQL",
		Long: `Evaluate a PromQL expression over a window of a kept run, as a budget would: range() is the length of the
window. Nothing is judged and nothing is sent.

As a table or JSON the answer is one value a series; as SVG it is a chart over the window, for which range() is the
length of a slice.`,
		Example: `  brrtload query runs/smoke-20260101T120000.000Z 'sum by (status) (increase(brrtload_hits_total[range()] anchored))'
  brrtload query runs/smoke-20260101T120000.000Z brrtload_in_flight -o svg >in-flight.svg`,
		Args:              wrong(cobra.ExactArgs(2)),
		ValidArgsFunction: completeMetrics,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.answer(cmd, args[0], args[1])
		},
	}
	cmd.Flags().StringVar(&a.window, "window", "", "a `WINDOW` of the run (run, steady, a stage); run without it")
	cmd.Flags().StringVarP(&a.format, "output", "o", "table",
		"the answer as `FORMAT`: "+strings.Join(queryFormats, ", "))
	return cmd
}

func (a asking) answer(cmd *cobra.Command, dir, expr string) error {
	if !slices.Contains(queryFormats, a.format) {
		return usage(fmt.Errorf("unknown output %q%s; want %s", diag.Printable(a.format),
			diag.DidYouMean(a.format, queryFormats), strings.Join(queryFormats, ", ")))
	}
	run, err := kept.Open(dir)
	if err != nil {
		return err
	}
	store, err := run.Evidence()
	if err != nil {
		return err
	}
	defer store.Close() //nolint:errcheck // it was only read
	w, err := kept.Window(store, a.window)
	if err != nil {
		return err
	}
	if a.format == "svg" {
		timeline, panel, err := charts.Query(cmd.Context(), store, w, expr)
		if err != nil {
			return err
		}
		return page.Drawing(cmd.OutOrStdout(), timeline, panel)
	}
	answer, err := store.Query(cmd.Context(), expr, w)
	if err != nil {
		return usage(err)
	}
	for _, warning := range answer.Warnings {
		fmt.Fprintln(cmd.ErrOrStderr(), diag.Printable(warning))
	}
	if a.format == "json" {
		return terminal.AnswerJSON(cmd.OutOrStdout(), w, answer)
	}
	return terminal.AnswerTable(cmd.OutOrStdout(), answer)
}

// completeMetrics offers the names of the metrics that a kept run has.
func completeMetrics(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	store, err := evidence.Open(args[0])
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	defer store.Close() //nolint:errcheck // it was only read
	names, err := store.Names()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
