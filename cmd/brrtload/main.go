// Command brrtload decides whether a service stays within its budgets under load, and whether its
// telemetry can be trusted.
//
// One file a subcommand. Results go to standard output; what is said to a person on the way goes to
// standard error.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"brrtload/internal/diag"
	"brrtload/internal/discover"
	"brrtload/internal/exposed"
	"brrtload/internal/kept"
	"brrtload/internal/machine"
	"brrtload/internal/stacks"
	"brrtload/reports"
)

func main() {
	log.SetOutput(io.Discard) // net/http writes there what servers do wrong; results and reports have it in our words
	out := &standardOutput{File: os.Stdout}
	os.Exit(out.status(execute(context.Background(), os.Args[1:], out, os.Stderr), os.Stderr))
}

// execute carries out one command line and gives the exit status.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) (status int) {
	defer func() {
		if failed := recover(); failed != nil { // Go itself would end with 2, which is a usage error here
			fmt.Fprintf(stderr, "brrtload: internal error: %v\n%s\n", failed, debug.Stack())
			status = reports.StatusInternal
		}
	}()
	return carryOut(ctx, args, stdout, stderr)
}

func carryOut(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cobra.EnableCommandSorting = false // the order of a first day: run, then look at it
	root := &cobra.Command{
		Use:           "brrtload",
		Short:         "Drive a service with load and judge its budgets and its telemetry",
		Version:       machine.Build(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Long: `brrtload sends open-loop load to a service and scrapes its metrics meanwhile. It then judges whether the
service stayed within its budgets and whether its telemetry tells the truth.

Exit status: 0 pass, 1 a budget failed, 2 usage or configuration, 3 telemetry untruthful, 4 inconclusive or
an assertion does not fit what the service exposes, 5 target or endpoint unreachable or died,
70 internal error, 130 interrupted.`,
	}
	// instead of cobra's own complaint, which is not marked as one about usage
	root.Args = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var known []string
		for _, c := range root.Commands() {
			known = append(known, c.Name())
		}
		return usage(fmt.Errorf("unknown command %q%s (`brrtload help` lists them)", args[0],
			diag.DidYouMean(args[0], known)))
	}
	root.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", ".FlagUsagesWrapped 100"))
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err) })
	root.AddCommand(runCommand(), initCommand(), validateCommand(), reportCommand(), mergeCommand(),
		capacityCommand(), verifyCommand(), explainCommand(),
		queryCommand(), stackCommand(), overheadCommand(), scenariosCommand(), packsCommand(), schemaCommand(), contractCommand())

	err := root.ExecuteContext(ctx)
	if err == nil {
		return reports.StatusPass
	}
	var ended verdict
	if errors.As(err, &ended) {
		return ended.status
	}
	fmt.Fprintln(stderr, message(err))
	return status(err)
}

// verdict is how a command that did its work gives back an exit status other than 0.
type verdict struct{ status int }

func (v verdict) Error() string { return fmt.Sprintf("exit status %d", v.status) }

// usage marks an error as the user's to mend: a wrong command line, scenario or assertions file.
func usage(err error) error { return diag.Mistake{Err: err} }

func status(err error) int {
	switch {
	case errors.As(err, new(exposed.Unreachable)), errors.Is(err, discover.ErrUnreachable):
		return reports.StatusUnreachable
	case errors.As(err, new(diag.Mistake)), diag.Holds(err):
		return reports.StatusUsage
	case errors.Is(err, kept.ErrCutOff), errors.Is(err, stacks.ErrUnseen):
		return reports.StatusInconclusive
	default:
		return reports.StatusInternal
	}
}

func message(err error) string {
	var list diag.List
	var one diag.Diagnostic
	switch {
	case errors.As(err, &list):
		return list.Error()
	case errors.As(err, &one):
		return diag.List{one}.Error()
	default:
		return "brrtload: " + diag.Printable(err.Error())
	}
}
