package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"brrtload/internal/files"
	"brrtload/reports"
	"brrtload/reports/formats"
	"brrtload/reports/terminal"
)

// showing is how a command shows its report: the flags that run, verify, report and overhead share.
type showing struct {
	color   string
	full    bool
	outputs outputs
}

func (s *showing) flags(flags *pflag.FlagSet) {
	flags.StringVar(&s.color, "color", "auto", "colour: "+strings.Join(terminal.ColorModes(), ", "))
	flags.VarP(&s.outputs, "output", "o", "also write the report, `FORMAT=FILE` ("+strings.Join(formatNames(),
		", ")+"); - is standard output")
}

// fullFlag adds the flag of the commands whose report has a short form.
func (s *showing) fullFlag(flags *pflag.FlagSet) {
	flags.BoolVar(&s.full, "full", false, "every table instead of a summary of at most 40 lines")
}

// outputs are the values of --output.
type outputs []output

type output struct {
	reports.Format
	to string // a path; empty is standard output
}

// Set implements pflag.Value: it takes one FORMAT=FILE more.
func (o *outputs) Set(text string) error {
	format, file, err := formats.ParseOutput(text)
	if err != nil {
		return err
	}
	for _, other := range *o {
		if file == "" && other.to == "" {
			return fmt.Errorf("standard output has room for one report, and %s goes there already; write %s=FILE",
				other.Name, format.Name)
		}
	}
	*o = append(*o, output{format, file})
	return nil
}

// String implements pflag.Value; without a default there is nothing to say.
func (o *outputs) String() string { return "" }

// Type implements pflag.Value.
func (o *outputs) Type() string { return "FORMAT=FILE" }

// ready reports whether the files can be written: a run that takes an hour should not end with
// finding that out. It leaves nothing behind.
func (o outputs) ready() error {
	for _, one := range o {
		if err := writable(one.to); err != nil {
			return usage(fmt.Errorf("--output %s=%s cannot be written: %s", one.Name, one.to, files.Reason(err)))
		}
	}
	return nil
}

// writable tries to make a file beside the one at the path. What is there and is no file, such as a
// pipe, is not touched before it is written to.
func writable(path string) error {
	info, err := os.Stat(path)
	switch {
	case path == "", err == nil && !info.Mode().IsRegular() && !info.IsDir():
		return nil
	case err == nil && info.IsDir():
		return errors.New("it is a directory")
	}
	probe, err := os.CreateTemp(filepath.Dir(path), ".brrtload-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

func formatNames() []string {
	var names []string
	for _, f := range formats.All() {
		names = append(names, f.Name)
	}
	return names
}

// show writes the reports that were asked for, and the one for a person on standard output unless
// another one goes there.
func (s *showing) show(cmd *cobra.Command, r reports.Report) error {
	return errors.Join(s.write(r), s.tell(cmd, r))
}

// tell writes the report that goes to standard output: the one for a person when no other was asked
// for.
func (s *showing) tell(cmd *cobra.Command, r reports.Report) error {
	if !slices.ContainsFunc(s.outputs, func(o output) bool { return o.to == "" }) {
		return s.print(cmd, r)
	}
	return s.said(cmd, r)
}

// said writes the report that was asked for on standard output, if one was.
func (s *showing) said(cmd *cobra.Command, r reports.Report) error {
	for _, o := range s.outputs {
		switch {
		case o.to != "":
		case o.Name == formats.Terminal:
			return s.print(cmd, r)
		default:
			return o.Write(cmd.OutOrStdout(), r)
		}
	}
	return nil
}

// write writes the files that were asked for. One that cannot be written does not keep the others
// from being written.
func (s *showing) write(r reports.Report) error {
	var failed []error
	for _, o := range s.outputs {
		if o.to != "" {
			failed = append(failed, formats.WriteFile(o.to, o.Format, r))
		}
	}
	return errors.Join(failed...)
}

// print shows the report on standard output, as wide and as colourful as it is.
func (s *showing) print(cmd *cobra.Command, r reports.Report) error {
	out := cmd.OutOrStdout()
	options := terminal.Options{Full: s.full}
	width, tty := widthOf(out)
	options.Width = width
	options.Color = terminal.Color(s.color, os.Getenv, tty)
	return terminal.Write(out, r, options)
}

// widthOf returns how wide a terminal is, and false for anything else.
func widthOf(out io.Writer) (width int, tty bool) {
	file, ok := out.(interface{ Fd() uintptr })
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0, false
	}
	if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
		return width, true
	}
	return terminal.DefaultWidth, true
}
