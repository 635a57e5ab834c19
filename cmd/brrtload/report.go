package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"brrtload/reports"
)

func reportCommand() *cobra.Command {
	var f showing
	cmd := &cobra.Command{
		Use:   "report RUN",
		Short: "Show a kept run again, in any format",
		Long: `Show the report of a run directory again, made from its result.json alone; nothing is judged anew.

FORMAT is ` + strings.Join(formatNames(), ", ") + `. A FILE of "-", or none, is standard output.`,
		Example: `  brrtload report runs/smoke-20260101T120000.000Z
  brrtload report runs/smoke-20260101T120000.000Z -o markdown=comment.md -o junit=junit.xml`,
		Args: wrong(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			report, err := reports.Read(args[0])
			if err != nil {
				return usage(err)
			}
			if len(f.outputs) > 0 {
				return f.write(cmd, report)
			}
			return f.show(cmd, report)
		},
	}
	f.flags(cmd.Flags())
	return cmd
}

// showing is how a command shows its report: the flags that run, verify, report and overhead share.
type showing struct {
	color   string
	outputs outputs
}

func (s *showing) flags(flags *pflag.FlagSet) {
	flags.StringVar(&s.color, "color", "auto", "colour: "+strings.Join(reports.ColorModes(), ", "))
	flags.VarP(&s.outputs, "output", "o", "write the report as `FORMAT=FILE` too ("+strings.Join(formatNames(), ", ")+"); - is standard output")
}

// outputs are the values of --output.
type outputs []output

type output struct {
	reports.Format
	to string // a path; empty is standard output
}

// Set implements pflag.Value: it takes one FORMAT=FILE more.
func (o *outputs) Set(text string) error {
	format, file, err := reports.ParseOutput(text)
	if err == nil {
		*o = append(*o, output{format, file})
	}
	return err
}

// String implements pflag.Value; without a default there is nothing to say.
func (o *outputs) String() string { return "" }

// Type implements pflag.Value.
func (o *outputs) Type() string { return "FORMAT=FILE" }

// ready tells whether the files can be written: a run that takes an hour should not end with finding that out. It leaves nothing behind.
func (o outputs) ready() error {
	for _, one := range o {
		if one.to == "" {
			continue
		}
		probe, err := os.CreateTemp(filepath.Dir(one.to), ".brrtload-*")
		if err != nil {
			return usage(fmt.Errorf("--output %s=%s cannot be written: %s", one.Name, one.to, reason(err)))
		}
		if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
			return err
		}
	}
	return nil
}

func formatNames() []string {
	var names []string
	for _, f := range reports.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// show writes the reports that were asked for, and the one for a person on standard output unless another one goes there.
func (s *showing) show(cmd *cobra.Command, r reports.Report) error {
	for _, o := range s.outputs {
		if o.to == "" {
			return s.write(cmd, r)
		}
	}
	return errors.Join(s.print(cmd, r), s.write(cmd, r))
}

// write writes the reports that were asked for. One that cannot be written does not keep the others from being written.
func (s *showing) write(cmd *cobra.Command, r reports.Report) error {
	var failed []error
	for _, o := range s.outputs {
		switch {
		case o.to != "":
			failed = append(failed, reports.WriteFile(o.to, o.Format, r))
		case o.Name == reports.TerminalFormat:
			failed = append(failed, s.print(cmd, r))
		default:
			failed = append(failed, o.Write(cmd.OutOrStdout(), r))
		}
	}
	return errors.Join(failed...)
}

// print shows the report on standard output, as wide and as colourful as it is.
func (s *showing) print(cmd *cobra.Command, r reports.Report) error {
	out := cmd.OutOrStdout()
	options := reports.TerminalOptions{Width: reports.DefaultWidth}
	tty := false
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		tty = true
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			options.Width = width
		}
	}
	options.Color = reports.Color(s.color, os.Getenv, tty)
	return reports.Terminal(out, r, options)
}
