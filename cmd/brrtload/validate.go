package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"brrtload/internal/diag"
	"brrtload/internal/exposed"
	"brrtload/internal/files"
	"brrtload/internal/validate"
	"brrtload/scenarios"
)

func validateCommand() *cobra.Command {
	var o validate.Options
	cmd := &cobra.Command{
		Use:   "validate [FILE...]",
		Short: "Find what is wrong with scenarios, assertions, rule files and contracts",
		Long: `Read files as a run would, send nothing, and report every mistake at once, each at its place.

FILE is a scenario, an assertions file, a Prometheus rule file or a contract (distinguished by their sections),
or the name of a shipped scenario; default all shipped ones. --against compares scenarios and assertions
with what a service exposes. Warnings: a metric that the bundled service does not have, and an alert that
looks back further than its window lasts.

Exit status 2 when something is wrong.`,
		Example: `  brrtload validate my-service.yaml alerts.yml
  brrtload validate my-service.yaml --against http://127.0.0.1:8080
  RATE=200 brrtload validate my-service.yaml --set timeout=2s`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = scenarios.Names()
			}
			var found diag.List
			for _, name := range args {
				said, warnings, err := validate.File(cmd.Context(), name, o)
				if files.Unreadable(err) {
					err = diag.Diagnostic{Position: diag.Position{File: name}, Message: files.Reason(err)}
				}
				if stops(err) {
					return err
				}
				if found = found.With(err); err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "ok %s: %s\n", diag.Printable(name), said)
				}
				for _, d := range warnings {
					d.Message = "warning: " + d.Message
					fmt.Fprint(cmd.ErrOrStderr(), d.Show())
				}
			}
			return found.Err()
		},
	}
	cmd.Flags().StringVar(&o.Against, "against", "",
		"read the metrics of the service at this `URL` once, and report what does not fit them")
	cmd.Flags().StringArrayVar(&o.Set, "set", nil, "override a scenario value, `PATH=VALUE`; repeatable")
	return cmd
}

// stops reports whether an error is about the command line or a service, and not about one file.
func stops(err error) bool {
	return !diag.Holds(err) && (errors.As(err, new(diag.Mistake)) || errors.As(err, new(exposed.Unreachable)))
}
