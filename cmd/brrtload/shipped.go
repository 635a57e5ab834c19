package main

import (
	"fmt"
	"io/fs"

	"github.com/olekukonko/tablewriter"
	"github.com/spf13/cobra"

	"brrtload/internal/diag"
	"brrtload/reports/terminal"
)

// shipped is a group of files that are part of the program: a command that lists them, and one that
// prints them.
type shipped struct {
	group, what string // scenarios, scenario
	files       fs.FS
	names       func() []string
	about       func(name string) (string, error) // a line on each
	example     string
}

func (s shipped) command() *cobra.Command {
	list := &cobra.Command{
		Use:   s.group,
		Short: "List the shipped " + s.group,
		Args:  wrong(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return s.list(cmd) },
	}
	list.AddCommand(&cobra.Command{
		Use:       "show NAME",
		Short:     "Print a shipped " + s.what + ", to begin one of your own with",
		Example:   s.example,
		ValidArgs: s.names(),
		Args:      wrong(cobra.ExactArgs(1)),
		RunE:      func(cmd *cobra.Command, args []string) error { return s.show(cmd, args[0]) },
	})
	return list
}

func (s shipped) list(cmd *cobra.Command) error {
	table := tablewriter.NewTable(cmd.OutOrStdout(), terminal.Columns()...)
	for _, name := range s.names() {
		about, err := s.about(name)
		if err != nil {
			return err
		}
		if err := table.Append(name, about); err != nil {
			return err
		}
	}
	return table.Render()
}

func (s shipped) show(cmd *cobra.Command, name string) error {
	text, err := fs.ReadFile(s.files, name+".yaml")
	if err != nil {
		return usage(fmt.Errorf("no %s named %q%s (`brrtload %s` lists them)", s.what, name,
			diag.DidYouMean(name, s.names()), s.group))
	}
	_, err = cmd.OutOrStdout().Write(text)
	return err
}
