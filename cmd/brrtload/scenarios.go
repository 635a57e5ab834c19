package main

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
	"github.com/spf13/cobra"

	"brrtload/internal/diag"
	"brrtload/scenarios"
)

func scenariosCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "scenarios",
		Short: "List the shipped scenarios",
		Args:  wrong(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			table := tablewriter.NewTable(cmd.OutOrStdout(),
				tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{Borders: tw.BorderNone,
					Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone}})),
				tablewriter.WithRowAutoWrap(tw.WrapNone))
			for _, name := range shippedNames() {
				s, err := scenarios.Load(scenarios.Shipped(), name+".yaml")
				if err != nil {
					return err
				}
				if err := table.Append(name, s.Description); err != nil {
					return err
				}
			}
			return table.Render()
		},
	}
	cmd.AddCommand(&cobra.Command{
		Use:       "show NAME",
		Short:     "Print a shipped scenario, to begin one of your own with",
		Example:   "  brrtload scenarios show smoke >my-service.yaml",
		ValidArgs: shippedNames(),
		Args:      wrong(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(shippedNames(), args[0]) {
				return usage(fmt.Errorf("no scenario named %q%s", args[0], diag.DidYouMean(args[0], shippedNames())))
			}
			text, err := fs.ReadFile(scenarios.Shipped(), args[0]+".yaml")
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	})
	return cmd
}

func shippedNames() []string {
	files, err := fs.Glob(scenarios.Shipped(), "*.yaml")
	if err != nil {
		panic("brrtload: " + err.Error()) // the pattern is good
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(file, ".yaml")
	}
	return files
}

// findScenario gives the sources of a shipped scenario by its name, or of a file by its path: what has a slash or ends in .yaml or .yml is a path.
func findScenario(name string) (*sources, error) {
	if isFile(name) {
		return newSources(name, false), nil
	}
	if shipped := shippedNames(); !slices.Contains(shipped, name) {
		return nil, usage(fmt.Errorf("no scenario named %q%s (a file is given by its path; `brrtload scenarios` lists the shipped ones)",
			name, diag.DidYouMean(name, shipped)))
	}
	return newSources(name+".yaml", true), nil
}

// wrong marks a complaint about arguments as one about usage.
func wrong(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usage(err)
		}
		return nil
	}
}
