package main

import (
	"github.com/spf13/cobra"

	"brrtload/scenarios"
)

func scenariosCommand() *cobra.Command {
	return shipped{
		group: "scenarios", what: "scenario", files: scenarios.Shipped(), names: scenarios.Names,
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

// wrong marks a complaint about arguments as one about usage.
func wrong(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usage(err)
		}
		return nil
	}
}
