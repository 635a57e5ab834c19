package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"brrtload/internal/diag"
	"brrtload/internal/kept"
	"brrtload/internal/overhead"
	"brrtload/internal/suite"
	"brrtload/reports"
	"brrtload/reports/chart"
	"brrtload/reports/formats"
)

type overheadFlags struct {
	runFlags
	arms             overhead.Choice
	budgets          []string
	maxTime, block   time.Duration
	settle, interval time.Duration
	load, rate       float64
	blocks, session  int
	free             bool
	inPlace          bool
}

func overheadCommand() *cobra.Command {
	var f overheadFlags
	cmd := &cobra.Command{
		Use:   "overhead [SCENARIO]",
		Short: "Measure what telemetry costs: a paired experiment",
		Long: `Measure what the telemetry of a service costs, with a confidence interval.

A service without telemetry, a second copy of it and the service with telemetry get the same requests
(of SCENARIO, default smoke) in turns. Compared is the CPU time that each needs for a hit. Without
--baseline and --candidate they are the bundled service's two builds.

Exit status: 0 within the budget, 1 over it, 3 the comparison is void, 4 inconclusive or the machine unfit.`,
		Example: `  brrtload overhead --budget 'cpu < 200%' --restart-every 1
  brrtload overhead --telemetry all,-logs,-traces
  brrtload overhead my.yaml --baseline './plain -addr 127.0.0.1:{port}' --candidate './traced -addr 127.0.0.1:{port}'`,
		Args: wrong(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := "smoke"
			if len(args) > 0 {
				name = args[0]
			}
			return f.measure(cmd, name)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.arms.Baseline, "baseline", "",
		"`COMMAND` that starts the service without what is measured; {port} is its port")
	flags.StringVar(&f.arms.Candidate, "candidate", "", "`COMMAND` that starts the service with what is measured")
	flags.StringVar(&f.arms.File, "arms", "", "`FILE` with the services to compare; see docs/overhead.md")
	flags.StringVar(&f.arms.Metrics, "metrics", "", "metrics `PATH` of the candidate (default of the bundled one /metrics)")
	flags.StringVar(&f.arms.Proof.Counter, "counted-by", "", "void unless this `METRIC` of the candidate counts every hit")
	flags.StringVar(&f.arms.Proof.LogLine, "logged-by", "",
		"void unless the candidate's output has a line with this `TEXT` for every hit")
	flags.BoolVar(&f.arms.Proof.Roots, "traced", false, "void unless a root span arrives for every hit")
	flags.StringVar(&f.arms.Telemetry, "telemetry", "",
		"`LIST` of the bundled service's telemetry to measure, as targetsvc --telemetry takes it")
	flags.StringArrayVar(&f.arms.Faults, "fault", nil, "fault of the bundled candidate, `NAME=SETTING`; repeatable")
	flags.StringArrayVar(&f.budgets, "budget", nil,
		"`LIMIT`: 'cpu < 5%', 'cpu < 3us', 'cpu ± 1%'; the experiment ends when it is decided; repeatable")
	flags.DurationVar(&f.maxTime, "max-time", 3*time.Minute, "maximum `DURATION`")
	flags.IntVar(&f.blocks, "blocks", 0, "measure exactly `N` blocks")
	flags.DurationVar(&f.block, "block", time.Second, "approximate `DURATION` of a block")
	flags.DurationVar(&f.settle, "settle", 300*time.Millisecond,
		"wait this `DURATION` for deferred work after a session's hits")
	flags.Float64Var(&f.load, "load", 0, "`RATE` of all arms together, in hits a second (default 30 % of a CPU, by a pilot)")
	flags.BoolVar(&f.inPlace, "in-place", false,
		"run programs where they are, for those that look for files beside them; by default each arm runs a copy")
	flags.BoolVar(&f.free, "no-pin", false, "do not pin processes to CPUs")
	flags.DurationVar(&f.interval, "scrape-interval", 15*time.Second, "`INTERVAL` of scrapes for which overhead is stated")
	flags.Float64Var(&f.rate, "rate", 0, "`RATE` for which overhead is stated, in hits a second (default a third of the load)")
	flags.IntVar(&f.session, "restart-every", 4, "restart the arms after `N` blocks; their mean is one measurement")
	flags.BoolVar(&f.arms.AA, "aa", false, "A/A test: compare the baseline with itself")
	flags.BoolVar(&f.arms.Ablate, "ablate", false,
		"measure each part of the bundled service's telemetry by switching it off")
	flags.StringArrayVar(&f.arms.Vary, "vary", nil,
		"also measure the candidate with these flags and variables, `NAME=WORDS`: 'no-logs=LOG_LEVEL=off --quiet'; repeatable")
	flags.Uint64Var(&f.seed, "seed", 1, "seed `N` of the requests and of the order of blocks")
	flags.StringVar(&f.dir, "dir", "", "keep the run in `DIR` (default runs/overhead-TIME)")
	f.showing.flags(flags)
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress; the report is still printed")
	return cmd
}

func (f *overheadFlags) measure(cmd *cobra.Command, name string) error {
	src, err := suite.Find(name)
	if err != nil {
		return err
	}
	loaded, err := src.Load(suite.Changes{})
	if err != nil {
		return err
	}
	s := loaded.Scenario
	if s.Memory != nil {
		return usage(errors.New("overhead: the scenario has `memory`, and a memory tool costs more than what is measured; leave it out"))
	}
	var budgets []overhead.Budget
	for _, text := range f.budgets {
		b, err := overhead.ParseBudget(text)
		if err != nil {
			return usage(err)
		}
		budgets = append(budgets, b)
	}
	if f.session < 1 || f.block <= 0 || f.interval <= 0 || f.maxTime <= 0 || f.blocks < 0 || f.rate < 0 || f.load < 0 {
		return usage(errors.New("--restart-every, --block, --scrape-interval and --max-time must be above 0, --blocks, --load and --rate not below"))
	}
	if err := f.outputs.ready(); err != nil {
		return err
	}
	arms, err := f.arms.Arms()
	if err != nil {
		return err
	}
	dir, err := kept.Claim(f.dir, "overhead")
	if err != nil {
		return err
	}
	defer kept.Release(dir) //nolint:errcheck // there are other files by then
	ctx, stop, release := interrupts(cmd.Context(), cmd.ErrOrStderr())
	defer release()
	say := func(text string) {
		if !f.quiet {
			fmt.Fprintf(cmd.ErrOrStderr(), "brrtload: overhead: %s\n", diag.Printable(text))
		}
	}
	began := time.Now()
	record, err := overhead.Run(ctx, overhead.Options{
		Scenario: s, Arms: arms, Dir: dir, Seed: f.seed, Budgets: budgets, Load: f.load, Rate: f.rate, Blocks: f.blocks, MaxTime: f.maxTime, Block: f.block, Free: f.free, InPlace: f.inPlace,
		Settle: f.settle, Interval: f.interval, Session: f.session, AA: f.arms.AA, Stop: stop, Say: say,
		Progress: func(blocks int, spent, most time.Duration, so reports.Overhead) {
			say(fmt.Sprintf("block %d, %s of at most %s: %s: %s", blocks, spent.Round(time.Second), most, so.Verdict,
				so.Reason))
		},
	})
	if overhead.Mistaken(err) {
		return usage(err)
	}
	report := overhead.Report(record, dir, ctx.Err() != nil || asked(stop), err)
	report.Scenario, report.Started, report.Seconds = s.Name, began, time.Since(began).Seconds()
	report.Files = append(report.Files, overhead.RecordFile, chart.Overhead.File)
	files, err := formats.Write(dir, report)
	report.Files = append(report.Files, files...)
	f.full = true // an experiment has no summary
	err = errors.Join(err, formats.WriteFile(filepath.Join(dir, chart.Overhead.File), chart.Overhead,
		report))
	if err := errors.Join(err, f.show(cmd, report)); err != nil {
		return err
	}
	return ended(report)
}

func asked(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}
