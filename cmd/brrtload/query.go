package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/olekukonko/tablewriter"
	"github.com/spf13/cobra"

	"brrtload/internal/diag"
	"brrtload/internal/evidence"
	"brrtload/internal/facts"
	"brrtload/internal/kept"
	"brrtload/reports"
)

// querySlices is the number of values of a line in a chart.
const querySlices = 120

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
		return a.chart(cmd, store, w, expr)
	}
	answer, err := store.Query(cmd.Context(), expr, w)
	if err != nil {
		return usage(err)
	}
	for _, warning := range answer.Warnings {
		fmt.Fprintln(cmd.ErrOrStderr(), diag.Printable(warning))
	}
	if a.format == "json" {
		return asJSON(cmd.OutOrStdout(), w, answer)
	}
	return asTable(cmd.OutOrStdout(), answer)
}

// asTable writes one row a series: a column for each label, and the value.
func asTable(w io.Writer, answer facts.Answer) error {
	if len(answer.Series) == 0 {
		_, err := fmt.Fprintln(w, "no series")
		return err
	}
	names := map[string]bool{}
	for _, s := range answer.Series {
		for name := range s.Labels {
			names[name] = true
		}
	}
	columns := slices.Sorted(maps.Keys(names))
	table := tablewriter.NewTable(w, plainTable()...)
	header := make([]string, 0, len(columns)+1)
	for _, name := range columns {
		header = append(header, diag.Printable(name))
	}
	table.Header(append(header, "value"))
	for _, s := range answer.Series {
		var cells []string
		for _, name := range columns {
			cells = append(cells, diag.Printable(s.Labels[name]))
		}
		if err := table.Append(append(cells, strconv.FormatFloat(s.Value, 'g', -1, 64))); err != nil {
			return err
		}
	}
	return table.Render()
}

// asJSON writes the window, and each series with its value; a value that JSON cannot hold is a
// text.
func asJSON(w io.Writer, window facts.Window, answer facts.Answer) error {
	type series struct {
		Labels map[string]string `json:"labels"`
		Value  any               `json:"value"`
	}
	out := struct {
		Window  facts.Window `json:"window"`
		Samples int          `json:"samples"`
		Series  []series     `json:"series"`
	}{window, answer.Samples, []series{}}
	for _, s := range answer.Series {
		var value any = s.Value
		if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
			value = strconv.FormatFloat(s.Value, 'g', -1, 64)
		}
		out.Series = append(out.Series, series{s.Labels, value})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}

// chart draws the expression over the window in slices of equal length.
func (a asking) chart(cmd *cobra.Command, store *evidence.Store, w facts.Window, expr string) error {
	step := max(w.End.Sub(w.Start)/querySlices, 100*time.Millisecond).Round(time.Millisecond)
	n := int(w.End.Sub(w.Start) / step)
	if n < 1 {
		return usage(fmt.Errorf("window %q is too short for a chart", w.Name))
	}
	slice := strings.ReplaceAll(expr, "range()", fmt.Sprintf("%dms", step.Milliseconds()))
	points, err := store.Range(cmd.Context(), slice, w.Start.Add(step), step, n)
	if err != nil {
		return usage(err)
	}
	panel := reports.Panel{ID: "query", Title: expr}
	for _, p := range points {
		panel.Lines = append(panel.Lines, reports.Line{Name: seriesText(p.Labels), Side: reports.Client,
			Values: p.Values})
	}
	timeline := reports.Timeline{Zero: w.Start, First: step.Seconds(), Step: step.Seconds(), Slices: n}
	return reports.Drawing(cmd.OutOrStdout(), timeline, panel)
}

func seriesText(of map[string]string) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		pairs = append(pairs, fmt.Sprintf("%s=%q", name, of[name]))
	}
	return "{" + strings.Join(pairs, ", ") + "}"
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
