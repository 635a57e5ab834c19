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

	"github.com/olekukonko/tablewriter"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"brrtload/internal/diag"
	"brrtload/internal/process"
	"brrtload/internal/quantity"
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

// showEvery is the least time between two tables on a terminal.
const showEvery = time.Second

// watch looks until the context or the process ends, and returns the last look with the deepest use
// of all. On a terminal each look is shown.
func (v stackView) watch(ctx context.Context, cmd *cobra.Command, pid int,
	ended <-chan struct{}) (stacks.Sample, error) {
	watcher := stacks.NewWatcher()
	defer watcher.Close()
	screen := newScreen(cmd.OutOrStdout(), v.format == "table")
	look := func() (stacks.Sample, error) {
		return watcher.Look(func() []int { return process.Family(pid) }, true)
	}
	var last stacks.Sample
	for {
		s, err := look()
		switch {
		case errors.Is(err, os.ErrProcessDone) && !last.At.IsZero():
			return last, nil // it has ended
		case errors.Is(err, os.ErrProcessDone):
			if ended != nil {
				return last, usage(errors.New("the command ended before it could be looked at"))
			}
			return last, usage(fmt.Errorf("process %d: no such process", pid))
		case err != nil && !last.At.IsZero():
			return last, nil
		case errors.Is(err, stacks.ErrUnseen):
			return last, err
		case err != nil:
			return last, usage(err)
		}
		last = deepest(last, s)
		if err := screen.show(last); err != nil {
			return last, err
		}
		select {
		case <-ctx.Done(): // a look is dear, so the one before may be seconds old
			if s, err := look(); err == nil {
				last = deepest(last, s)
			}
			return last, nil
		case <-ended:
			return last, nil
		case <-time.After(max(stacks.Pause(s.CPU), showEvery)):
		}
	}
}

// deepest returns a look with the deepest use that it or the one before has.
func deepest(before, now stacks.Sample) stacks.Sample {
	for i, g := range now.Groups {
		for _, b := range before.Groups {
			if b.Size == g.Size && b.Kind == g.Kind {
				now.Groups[i].Used.Max = max(g.Used.Max, b.Used.Max)
				now.Groups[i].Resident.Max = max(g.Resident.Max, b.Resident.Max)
			}
		}
	}
	return now
}

// screen shows looks on a terminal, each over the one before.
type screen struct {
	out  io.Writer
	live bool
	rows int
}

func newScreen(out io.Writer, wanted bool) *screen {
	file, ok := out.(interface{ Fd() uintptr })
	return &screen{out: out, live: wanted && ok && term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb"}
}

func (s *screen) show(sample stacks.Sample) error {
	if !s.live {
		return nil
	}
	var text strings.Builder
	if s.rows > 0 {
		fmt.Fprintf(&text, "\x1b[%dA\x1b[J", s.rows)
	}
	before := text.Len()
	if err := stackTable(&text, sample); err != nil {
		return err
	}
	s.rows = strings.Count(text.String()[before:], "\n")
	_, err := io.WriteString(s.out, text.String())
	return err
}

// write writes the last look, unless the terminal has it already, and says what could not be seen.
func (v stackView) write(out io.Writer, s stacks.Sample) error {
	var err error
	switch {
	case v.format == "json":
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(s)
	case !newScreen(out, true).live:
		err = stackTable(out, s)
	}
	if err != nil {
		return err
	}
	unread := 0
	for _, g := range s.Groups {
		unread += g.Unread
	}
	switch {
	case len(s.Groups) == 0:
		return fmt.Errorf("%w: no mapping of the process has a guard below it", stacks.ErrUnseen)
	case unread > 0:
		return fmt.Errorf("%w: %d are wholly resident and their content may not be read; "+
			"start the process with brrtload stack COMMAND, or give brrtload CAP_SYS_PTRACE", stacks.ErrUnseen, unread)
	}
	return nil
}

// stackTable writes one row a group.
func stackTable(w io.Writer, s stacks.Sample) error {
	runtime := s.Runtime
	if runtime == "" {
		runtime = "unknown"
	}
	fmt.Fprintf(w, "runtime: %s\n", diag.Printable(runtime))
	for _, why := range s.Without {
		fmt.Fprintf(w, "left out: %s\n", diag.Printable(why))
	}
	if len(s.Groups) == 0 {
		return nil
	}
	table := tablewriter.NewTable(w, terminal.Columns()...)
	table.Header("stacks", "kind", "size", "most used", "share", "median used", "resident", "full", "painted")
	for _, g := range s.Groups {
		used, share, median := "unknown", "", ""
		if g.Unread == 0 {
			used, median = quantity.Bytes(float64(g.Used.Max)), quantity.Bytes(float64(g.Used.Median))
			share = quantity.Share(float64(g.Used.Max) / float64(g.Size))
		}
		err := table.Append(strconv.Itoa(g.Count), string(g.Kind), quantity.Bytes(float64(g.Size)), used, share, median,
			quantity.Bytes(float64(g.Resident.Max)), strconv.Itoa(g.Full), strconv.Itoa(g.Painted))
		if err != nil {
			return err
		}
	}
	return table.Render()
}
