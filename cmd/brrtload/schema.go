package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"brrtload/assertions/packs"
	"brrtload/internal/diag"
	"brrtload/internal/overhead"
	"brrtload/reports"
	"brrtload/scenarios"
)

// schemas are those of the files that brrtload reads and writes, as editors and other programs want
// them.
var schemas = []struct {
	name string
	text func() []byte
}{
	{"scenario", scenarios.Schema},
	{"assertions", packs.Schema},
	{"contract", packs.ContractSchema},
	{"arms", overhead.ArmsSchema},
	{"result", reports.Schema},
}

func schemaCommand() *cobra.Command {
	var names []string
	for _, s := range schemas {
		names = append(names, s.name)
	}
	return &cobra.Command{
		Use:   "schema [" + strings.Join(names, "|") + "]",
		Short: "Print a JSON Schema",
		Long: `Print the JSON Schema (2020-12) of a kind of file: a scenario when none is named.

An editor with a YAML language server completes and checks a file that begins with the line
# yaml-language-server: $schema=scenario.schema.json`,
		Example:   `  brrtload schema scenario >scenario.schema.json`,
		ValidArgs: names,
		Args:      wrong(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := names[0]
			if len(args) > 0 {
				name = args[0]
			}
			i := slices.Index(names, name)
			if i < 0 {
				return usage(fmt.Errorf("no schema named %q%s; there are %s", name, diag.DidYouMean(name, names),
					strings.Join(names, ", ")))
			}
			_, err := cmd.OutOrStdout().Write(schemas[i].text())
			return err
		},
	}
}
