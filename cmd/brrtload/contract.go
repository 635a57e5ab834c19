package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"brrtload/assertions/checks"
	"brrtload/assertions/contract"
	"brrtload/internal/diag"
	"brrtload/internal/exposed"
	"brrtload/internal/facts"
	"brrtload/internal/files"
)

func contractCommand() *cobra.Command {
	var into string
	cmd := &cobra.Command{
		Use:   "contract URL|RUN|FILE...",
		Short: "Write down what a service exposes, as a contract to hold it to",
		Long: `Read expositions from endpoints, files, or all scrapes of a kept run, and write what they have in common
as a contract: families with types, help and units, labels with their values or a pattern, and a bound on
the number of series. A family that some of them lack is optional.

With --output, the contract is written to a file. A contract that is there already is updated: comments
and what was tightened by hand stay where the expositions satisfy it. Violations of the conventions for
names, help and units go to standard error.`,
		Example: `  brrtload contract http://127.0.0.1:8080/metrics > metrics.contract.yaml
  brrtload contract runs/smoke-20260101T120000.000Z -o metrics.contract.yaml`,
		Args: wrong(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return writeContract(cmd, args, into)
		},
	}
	cmd.Flags().StringVarP(&into, "output", "o", "", "contract `FILE` to write or update")
	return cmd
}

func writeContract(cmd *cobra.Command, sources []string, into string) error {
	families, err := exposed.In(cmd.Context(), sources)
	if err != nil {
		return err
	}
	text, err := contract.Update(files.OS{}, into, families)
	if err != nil {
		return err
	}
	if err := unconventional(cmd.ErrOrStderr(), families); err != nil {
		return err
	}
	if into == "" {
		_, err = cmd.OutOrStdout().Write(text)
		return err
	}
	if err := os.WriteFile(into, text, 0o644); err != nil {
		return usage(fmt.Errorf("write contract: %w", err))
	}
	return nil
}

// unconventional writes what goes against the conventions.
func unconventional(w io.Writer, families []facts.Family) error {
	problems, err := checks.Lint(families)
	if err != nil {
		return err
	}
	for _, text := range problems {
		fmt.Fprintf(w, "brrtload: %s\n", diag.Printable(text))
	}
	return nil
}
