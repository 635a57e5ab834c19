package main

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"brrtload/internal/diag"
	"brrtload/scenarios"
)

func scenariosCommand() *cobra.Command {
	return shipped{
		group: "scenarios", what: "scenario", files: scenarios.Shipped(), names: shippedNames,
		about: func(name string) (string, error) {
			s, err := scenarios.Load(scenarios.Shipped(), name+".yaml")
			if err != nil {
				return "", err
			}
			return s.Description, nil
		},
		example: "  brrtload scenarios show smoke >my-service.yaml",
	}.command()
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

// findScenario returns the sources of a shipped scenario by its name, or of a file by its path:
// what has a slash or ends in .yaml or .yml is a path.
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
