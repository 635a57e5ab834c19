package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"brrtload/internal/diag"
	"brrtload/internal/process"
	"brrtload/internal/stacks"
	"brrtload/reports/terminal"
)

// stackView is what `brrtload stack` looks at and how it shows it.
type stackView struct {
	length time.Duration
	format string
}

// stackFormats are the ways to show stacks.
var stackFormats = []string{"table", "json"}

func stackCommand() *cobra.Command {
	var v stackView
	cmd := &cobra.Command{
		Use:   "stack PID|COMMAND [ARGUMENT...]",
		Short: "Show how much of its stacks a process uses, from outside",
		Long: `Show the stacks of a process and of its children from outside, grouped by size: how many there are and how
much of them was used. Ends with the process, after --for, or with Ctrl-C. The process need not help. Not for
Go programs; Linux only.

Exit status: 0 stacks were seen, 2 the process cannot be read, 4 it has no stacks that can be seen.`,
		Example: `  brrtload stack 4711
  brrtload stack --for 10s ./my-service --port 8080`,
		Args: wrong(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return v.show(cmd, args) },
	}
	cmd.Flags().SetInterspersed(false) // what follows the command is the command's own
	cmd.Flags().DurationVar(&v.length, "for", 0, "end after this `DURATION` (default when the process ends)")
	cmd.Flags().StringVarP(&v.format, "output", "o", "table",
		"the stacks as `FORMAT`: "+strings.Join(stackFormats, ", "))
	return cmd
}

func (v stackView) show(cmd *cobra.Command, args []string) error {
	if !slices.Contains(stackFormats, v.format) {
		return usage(fmt.Errorf("unknown output %q%s; want %s", diag.Printable(v.format),
			diag.DidYouMean(v.format, stackFormats), strings.Join(stackFormats, ", ")))
	}
	if v.length < 0 {
		return usage(fmt.Errorf("--for %s: want a duration above 0", v.length))
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if v.length > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, v.length)
		defer cancel()
	}
	pid, ended, end, err := looked(args)
	if err != nil {
		return usage(err)
	}
	s, err := v.watch(ctx, cmd, pid, ended)
	err = errors.Join(err, end())
	if err != nil {
		return err
	}
	return v.write(cmd.OutOrStdout(), s)
}

// looked returns the process that the arguments name, what is closed when it has ended (nil for
// a process that runs already), and what ends it, if it was started here.
func looked(args []string) (pid int, ended <-chan struct{}, end func() error, err error) {
	end = func() error { return nil }
	if pid, err := strconv.Atoi(args[0]); err == nil && len(args) == 1 {
		if pid <= 0 {
			return 0, nil, end, fmt.Errorf("%d is no process id", pid)
		}
		return pid, nil, end, nil
	}
	p, err := process.Start(process.Command{Path: args[0], Args: args[1:], Output: os.Stderr})
	if err != nil {
		return 0, nil, end, err
	}
	const grace = 2 * time.Second
	return p.PID(), p.Done(), func() error { return p.Stop(grace) }, nil
}

// watch looks until the context or the process ends. On a terminal each look is shown.
func (v stackView) watch(ctx context.Context, cmd *cobra.Command, pid int,
	ended <-chan struct{}) (stacks.Sample, error) {
	screen := terminal.NewScreen(cmd.OutOrStdout())
	last, err := stacks.Watch(ctx, func() []int { return process.Family(pid) }, ended, func(s stacks.Sample) error {
		if v.format != "table" {
			return nil
		}
		return screen.Show(func(w io.Writer) error { return terminal.Stacks(w, s) })
	})
	switch {
	case err == nil || !last.At.IsZero() || errors.Is(err, stacks.ErrUnseen):
		return last, err
	case stacks.Gone(err) && ended != nil:
		return last, usage(errors.New("the command ended before it could be looked at"))
	case stacks.Gone(err):
		return last, usage(fmt.Errorf("process %d: no such process", pid))
	}
	return last, usage(err)
}

// write writes the last look, unless the terminal has it already, and says what could not be seen.
func (v stackView) write(out io.Writer, s stacks.Sample) error {
	var err error
	switch {
	case v.format == "json":
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(s)
	case !terminal.NewScreen(out).Live():
		err = terminal.Stacks(out, s)
	}
	switch {
	case err != nil:
		return err
	case len(s.Groups) == 0:
		return fmt.Errorf("%w: no mapping of the process has a guard below it", stacks.ErrUnseen)
	case s.Unread() > 0:
		return fmt.Errorf("%w: %d are wholly resident and their content may not be read; "+
			"start the process with brrtload stack COMMAND, or give brrtload CAP_SYS_PTRACE", stacks.ErrUnseen, s.Unread())
	}
	return nil
}
