package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"brrtload/ci"
	"brrtload/internal/bundled"
	"brrtload/internal/diag"
	"brrtload/internal/exposed"
	"brrtload/internal/kept"
	"brrtload/internal/load"
	"brrtload/internal/memtrace"
	"brrtload/internal/run"
	"brrtload/internal/suite"
	"brrtload/reports"
	"brrtload/reports/formats"
	"brrtload/reports/terminal"
	"brrtload/scenarios"
)

type runFlags struct {
	showing
	shardFlags
	set, faults  []string
	url, metrics string
	memory       string
	stages       string
	rate         string
	duration     time.Duration
	seed         uint64
	dir          string
	record       string
	remote       string
	connections  int
	quiet        bool
}

func runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [SCENARIO|URL]",
		Short: "Run a scenario and judge it",
		Long: `Run a scenario (default smoke) against its target and judge what was measured. With a URL and no
scenario, send GET of that URL, 20 a second for 10 seconds; --rate, --stages and --duration change that.

SCENARIO is the name of a shipped scenario, or the path of a YAML file. The evidence and the reports are
kept in a run directory, which "brrtload verify" judges again.`,
		Example: `  brrtload run
  brrtload run smoke --fault handler-latency=30ms
  brrtload run --url http://127.0.0.1:8080/health --rate 50 --duration 30s
  brrtload run my-service.yaml --url http://127.0.0.1:8080 --metrics /metrics`,
		Args: wrong(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) > 0 {
				name = args[0]
			}
			return f.run(cmd, name)
		},
	}
	flags := cmd.Flags()
	f.changeFlags(flags)
	flags.StringVar(&f.stages, "stages", "", `stages instead of the scenario's: "30s@50,1m@50..500,10s@max"`)
	flags.StringVar(&f.rate, "rate", "", "constant `RATE` instead of the scenario's stages, in hits a second, or max")
	flags.DurationVar(&f.duration, "duration", 0, "total `DURATION`; stages are scaled, warm-up is not")
	flags.StringVar(&f.dir, "dir", "", "keep the run in `DIR` (default runs/SCENARIO-TIME)")
	flags.StringVar(&f.record, "record", "", "also write every result to `FILE` for vegeta: .gob, .json or .csv")
	flags.StringVar(&f.remote, "remote-write", "",
		"also send every sample to `URL` by remote write: http://127.0.0.1:9090/api/v1/write")
	f.shardFlags.flags(flags)
	f.showing.flags(flags)
	f.fullFlag(flags)
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress; the report is still printed")
	return cmd
}

// changeFlags are those that change the scenario, whatever is done with it.
func (f *runFlags) changeFlags(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.set, "set", nil,
		"override a scenario value, `PATH=VALUE`: connections=8, stages.0.rate=200; repeatable")
	flags.StringArrayVar(&f.faults, "fault", nil,
		"fault of the bundled service, `NAME=SETTING` (targetsvc --list-faults); repeatable")
	flags.StringVar(&f.url, "url", "", "target `URL` instead of the scenario's")
	flags.StringVar(&f.metrics, "metrics", "", "metrics endpoint, a `URL` or a path (default /metrics); none: no metrics")
	flags.StringVar(&f.memory, "memory", "", "memory tool, a `TOOL` that sees the target's allocations: pprof, heaptrack, dhat, massif")
	flags.Uint64Var(&f.seed, "seed", 0, "seed `N` of the requests instead of the scenario's")
	flags.IntVar(&f.connections, "connections", 0, "maximum of `N` connections instead of the scenario's")
}

func (f *runFlags) run(cmd *cobra.Command, name string) error {
	change := f.changes(cmd.Flags().Changed("seed"))
	if err := f.check(cmd.Flags()); err != nil {
		return err
	}
	src, err := f.source(cmd.Context(), name, &change)
	if err != nil {
		return err
	}
	loaded, err := src.Load(change)
	if err != nil {
		return err
	}
	s := loaded.Scenario
	member, err := f.member(s)
	if err != nil {
		return err
	}
	service, err := bundled.Sibling(bundled.Service)
	if err != nil && s.Target.Bundled != nil {
		return err
	}
	if err := f.outputs.ready(); err != nil {
		return err
	}
	if b := s.Target.Bundled; b != nil {
		if err := bundled.Check(service, b.Faults); err != nil {
			return err
		}
	}
	if err := memtrace.Ready(s); err != nil {
		return err
	}
	sink, err := remoteSink(f.remote)
	if err != nil {
		return err
	}
	record, err := load.NewRecording(f.record, s.Redactor())
	if err != nil {
		return err
	}
	defer record.Close() //nolint:errcheck // it was closed before, or another error is returned
	dir, err := kept.Make(f.dir, loaded)
	if err != nil {
		return err
	}
	ctx, stop, release := interrupts(cmd.Context(), cmd.ErrOrStderr())
	defer release()
	progress := f.progress(cmd.ErrOrStderr())
	report, err := run.Run(ctx, run.Options{
		Suite: loaded, Dir: dir, Bundled: service, Stop: stop, Progress: progress, Recorder: record.Recorder,
		Shard: member, Remote: sink,
	})
	progress.Done()
	if report.Version == 0 {
		return errors.Join(refused(err), record.Close())
	}
	report, err = f.kept(report, err, record.Close())
	shown := f.tell(cmd, report)
	reported := ci.Report(cmd.ErrOrStderr(), ci.Detect(os.Getenv), report, dir, loaded.AskedAt)
	for _, trouble := range []error{err, shown, reported} {
		if trouble != nil {
			fmt.Fprintln(cmd.ErrOrStderr(), message(trouble))
		}
	}
	if shown != nil && report.Status != reports.StatusInterrupted {
		return verdict{reports.StatusInternal}
	}
	return ended(report)
}

// source finds what to send: the scenario of that name, that of a URL alone, or smoke.
func (f *runFlags) source(ctx context.Context, name string, c *suite.Changes) (*suite.Source, error) {
	if suite.IsURL(name) {
		if f.url != "" {
			return nil, usage(fmt.Errorf("two URLs: %s and --url %s; give one", name, f.url))
		}
		name, f.url = "", name
	}
	switch {
	case name == "" && f.url != "":
		c.URL = "" // it is in the scenario
		return suite.Get(f.url, f.metrics, func(url string) bool {
			_, err := exposed.In(ctx, []string{url})
			return err == nil
		})
	case name == "":
		return suite.Find("smoke")
	case f.url != "" && !suite.IsFile(name) && slices.Contains(scenarios.Names(), name):
		return nil, suite.AnotherService(name, f.url)
	}
	if u, err := url.Parse(f.url); err == nil && (u.RawQuery != "" || u.Fragment != "") {
		return nil, diag.FlagText("--url",
			f.url).Errorf(`a target's URL has no query or fragment; give each request of the scenario its "query"`)
	}
	return suite.Find(name)
}

// check wants sound values of flags, before anything is read.
func (f *runFlags) check(flags *pflag.FlagSet) error {
	var found diag.List
	if f.url != "" {
		scenarios.CheckURL(diag.FlagText("--url", f.url), &found)
	}
	if f.metrics != "" {
		scenarios.CheckMetrics(diag.FlagText("--metrics", f.metrics), &found)
	}
	if flags.Changed("duration") && f.duration <= 0 {
		found = append(found, diag.FlagText("--duration",
			f.duration.String()).Errorf("want a duration above 0, such as 30s"))
	}
	if flags.Changed("connections") && (f.connections < 1 || f.connections > scenarios.AllConnections) {
		found = append(found, diag.FlagText("--connections",
			strconv.Itoa(f.connections)).Errorf("want 1 connection or more, and %d at most", scenarios.AllConnections))
	}
	if f.color != "" && !slices.Contains(terminal.ColorModes(), f.color) {
		found = append(found, diag.FlagText("--color", f.color).Errorf("want %s",
			strings.Join(terminal.ColorModes(), ", ")))
	}
	return found.Err()
}

// kept writes the files that were asked for beside the run directory, and gives the report with
// what could not be kept: in the directory, as err says, of the results, or of these files. Then
// the run is one that went wrong, and every report that can still be written says so.
func (f *runFlags) kept(r reports.Report, err, unrecorded error) (reports.Report, error) {
	lacking := errors.Join(unrecorded, f.write(r))
	r.Lacks(errors.Join(err, lacking))
	if err != nil || lacking == nil { // the directory is not to be written to, or knows
		return r, err
	}
	_, unkept := formats.Write(r.Directory, r)
	return r, errors.Join(lacking, unkept)
}

// progress shows the way on standard error: a bar in a terminal, lines elsewhere, nothing when
// quiet.
func (f *runFlags) progress(w io.Writer) *terminal.Progress {
	kind := terminal.Lines
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb" {
		kind = terminal.Bar
	}
	if f.quiet {
		kind = terminal.Quiet
	}
	return terminal.NewProgress(w, kind)
}

// ended returns the exit status of a report as an error; nil when it is a pass.
func ended(r reports.Report) error {
	if r.Status == reports.StatusPass {
		return nil
	}
	return verdict{r.Status}
}

// changes are those of the flags. A seed is one only when it was given: 0 is a seed, too.
func (f *runFlags) changes(seeded bool) suite.Changes {
	set := slices.Clone(f.set)
	if f.connections != 0 {
		set = append(set, fmt.Sprintf("connections=%d", f.connections))
	}
	c := suite.Changes{Set: set, Faults: f.faults, URL: f.url, Metrics: f.metrics, Memory: f.memory, Stages: f.stages, Rate: f.rate,
		Duration: suite.Duration(f.duration)}
	if seeded {
		c.Seed = &f.seed
	}
	return c
}
