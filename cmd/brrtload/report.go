package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"brrtload/internal/kept"
)

func reportCommand() *cobra.Command {
	var f showing
	cmd := &cobra.Command{
		Use:   "report RUN",
		Short: "Show a kept run again, in any format",
		Long: `Show the report of a run directory again, made from its result.json alone; nothing is judged anew.

Standard output shows a summary, or every table with --full. A file of the format terminal has every table.

FORMAT is ` + strings.Join(formatNames(), ", ") + `. A FILE of "-", or none, is standard output.`,
		Example: `  brrtload report runs/smoke-20260101T120000.000Z
  brrtload report runs/smoke-20260101T120000.000Z --full
  brrtload report runs/smoke-20260101T120000.000Z -o markdown=comment.md -o junit=junit.xml`,
		Args: wrong(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			run, err := kept.Open(args[0])
			if err != nil {
				return err
			}
			if err := f.outputs.ready(); err != nil {
				return err
			}
			if len(f.outputs) > 0 {
				return errors.Join(f.write(run.Report), f.said(cmd, run.Report))
			}
			return f.print(cmd, run.Report)
		},
	}
	f.flags(cmd.Flags())
	f.fullFlag(cmd.Flags())
	return cmd
}
