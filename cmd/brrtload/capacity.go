package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"brrtload/internal/bundled"
	"brrtload/internal/capacity"
	"brrtload/internal/diag"
	"brrtload/internal/kept"
	"brrtload/internal/pace"
	"brrtload/internal/run"
	"brrtload/internal/suite"
	"brrtload/reports"
	"brrtload/reports/formats"
	"brrtload/reports/page"
	"brrtload/reports/terminal"
	"brrtload/scenarios"
)

// maxProbes bounds a search.
const maxProbes = 60

type capacityFlags struct {
	runFlags
	min, max  string
	probe     time.Duration
	warm      time.Duration
	precision float64
}

func capacityCommand() *cobra.Command {
	var f capacityFlags
	cmd := &cobra.Command{
		Use:   "capacity SCENARIO|URL",
		Short: "Find the rate at which the budgets break",
		Long: `Find the highest rate at which every budget of a scenario holds. The scenario's requests are sent at a
constant rate: first at --min, then at twice as much each time until a budget breaks, then between the
last two until they differ by --precision. Both are probed again at the end.

A probe ends early when a budget is far beyond its limit. Each probe is a run of its own, in the directory
probes/.`,
		Example: `  brrtload capacity my-service.yaml --min 50 --max 5000
  brrtload capacity smoke --fault handler-latency=50ms --probe 15s`,
		Args: wrong(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return f.seek(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.min, "min", "10", "lowest `RATE`, in hits a second")
	flags.StringVar(&f.max, "max", "10000", "highest `RATE`, in hits a second")
	flags.DurationVar(&f.probe, "probe", 10*time.Second, "`DURATION` of each probe")
	flags.DurationVar(&f.warm, "warm", 2*time.Second, "`DURATION` of load before each probe that is not judged")
	flags.Float64Var(&f.precision, "precision", 0.02, "largest `SHARE` by which the last two rates may differ")
	f.changeFlags(flags)
	flags.StringVar(&f.dir, "dir", "", "keep the search in `DIR` (default runs/SCENARIO-capacity-TIME)")
	f.showing.flags(flags)
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress; the report is still printed")
	return cmd
}

// search reads the flags of the search.
func (f *capacityFlags) search() (s capacity.Search, err error) {
	low, err := pace.ParseRate(f.min)
	if err != nil {
		return s, diag.FlagText("--min", f.min).Errorf("%v", err)
	}
	high, err := pace.ParseRate(f.max)
	switch {
	case err != nil:
		return s, diag.FlagText("--max", f.max).Errorf("%v", err)
	case low == 0 || low >= high:
		return s, diag.FlagText("--min", f.min).Errorf("want a rate above 0 and below --max, %s", high)
	case f.probe < time.Second || f.warm < 0:
		return s, usage(errors.New("want a --probe of 1s or more, and a --warm of 0s or more"))
	case !(f.precision >= 0.001 && f.precision <= 0.5):
		return s, usage(errors.New("want a --precision from 0.001 to 0.5"))
	}
	return capacity.Search{Min: low.PerSecond(), Max: high.PerSecond(), Precision: f.precision, Most: maxProbes}, nil
}

func (f *capacityFlags) seek(cmd *cobra.Command, name string) error {
	search, err := f.search()
	if err != nil {
		return err
	}
	if err := f.check(cmd.Flags()); err != nil {
		return err
	}
	if err := f.outputs.ready(); err != nil {
		return err
	}
	change := f.changes(cmd.Flags().Changed("seed"))
	src, err := f.source(cmd.Context(), name, &change)
	if err != nil {
		return err
	}
	loaded, err := f.at(src, change, search.Min, f.probe)
	if err != nil {
		return err
	}
	if m := loaded.Scenario.Memory; m != nil && m.Tool.Wraps() {
		return usage(fmt.Errorf("capacity: the scenario has `memory: %s`, which slows the service; leave it out", m.Tool))
	}
	service, err := bundled.Sibling(bundled.Service)
	b := loaded.Scenario.Target.Bundled
	if err != nil && b != nil {
		return err
	}
	if b != nil {
		if err := bundled.Check(service, b.Faults); err != nil {
			return err
		}
	}
	dir, err := kept.Claim(f.dir, loaded.Scenario.Name+"-capacity")
	if err != nil {
		return err
	}
	defer kept.Release(dir) //nolint:errcheck // there are other files by then
	ctx, stop, release := interrupts(cmd.Context(), cmd.ErrOrStderr())
	defer release()
	began := time.Now()
	var where reports.Report
	c, err := capacity.Run(ctx, capacity.Options{Search: search,
		Probe: func(ctx context.Context, n int, rate float64, multiple int) (reports.Report, error) {
			loaded, err := f.at(src, change, rate, f.probe*time.Duration(multiple))
			if err != nil {
				return reports.Report{}, err
			}
			place, err := kept.Make(filepath.Join(dir, "probes", fmt.Sprintf("%02d-%.4g", n, rate)), loaded)
			if err != nil {
				return reports.Report{}, err
			}
			r, err := run.Run(ctx, run.Options{Suite: loaded, Dir: place, Bundled: service, Stop: stop,
				Progress: terminal.NewProgress(cmd.ErrOrStderr(), terminal.Quiet), Decide: true})
			r.Directory, _ = filepath.Rel(dir, place)
			where = r
			return r, err
		},
		Say: func(text string) {
			if !f.quiet {
				fmt.Fprintf(cmd.ErrOrStderr(), "brrtload: capacity: %s\n", diag.Printable(text))
			}
		},
	})
	report := reports.Report{Version: reports.Version, Command: "capacity", Scenario: loaded.Scenario.Name, Seed: loaded.Scenario.Seed,
		Started: began, Seconds: time.Since(began).Seconds(), Directory: dir, Target: where.Target, Where: where.Where}
	capacity.Settle(&report, c)
	switch {
	case asked(stop), errors.Is(err, context.Canceled):
		report.End = reports.Interrupted
		report.Settle(capacity.Judgement(c))
	case errors.Is(err, capacity.ErrUnfit): // it has the status of the probe that showed it
		report.Verdict, report.Reason, report.Status, report.End, report.Cause = where.Verdict, err.Error(), where.Status, where.End, where.Cause
	case err != nil:
		return err
	}
	return f.keep(cmd, dir, report)
}

// keep writes the report and shows it.
func (f *capacityFlags) keep(cmd *cobra.Command, dir string, report reports.Report) error {
	report.Files = append(report.Files, "probes/", page.CapacityChart.File)
	files, err := formats.Write(dir, report)
	report.Files = append(report.Files, files...)
	f.full = true // a search has no summary
	err = errors.Join(err, formats.WriteFile(filepath.Join(dir, page.CapacityChart.File), page.CapacityChart, report))
	if err := errors.Join(err, f.show(cmd, report)); err != nil {
		return err
	}
	return ended(report)
}

// at loads the scenario with one stage, of a rate.
func (f *capacityFlags) at(src *suite.Source, change suite.Changes, rate float64,
	probe time.Duration) (*suite.Suite, error) {
	change.Rate, change.Duration = strconv.FormatFloat(rate, 'f', 6, 64), suite.Duration(probe)
	loaded, err := src.Load(change)
	if err != nil {
		return nil, err
	}
	r, err := pace.ParseRate(change.Rate)
	if err == nil && f.warm > 0 {
		loaded.Scenario.Warmup = &scenarios.Warmup{Rate: r, Duration: f.warm}
	}
	return loaded, err
}
