package run

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"brrtload/internal/load"
	"brrtload/internal/memtrace"
	"brrtload/internal/process"
	"brrtload/internal/record"
	"brrtload/internal/service"
	"brrtload/reports"
	"brrtload/scenarios"
)

// startTarget starts what the scenario names and waits until it is ready to be loaded. What it
// started it gives back with an error too, to be stopped.
func startTarget(ctx context.Context, of *scenarios.Scenario, bundled, dir string,
	in *record.Intake, tracer *memtrace.Tracer) (*service.Service, error) {
	s := of.Target
	ready := service.Readiness{Path: s.Ready, Time: s.ReadyTimeout}
	command := process.Command{Env: s.Env.Assignments(), Dir: of.Path(s.Dir), Log: record.Log(dir)}
	var t *service.Service
	var err error
	switch {
	case s.Bundled != nil:
		ready.Path = cmp.Or(ready.Path, "/ready")
		command.Path, command.Args = bundled, bundledArgs(*s.Bundled)
		t, err = service.StartBundled(ctx, in.Starts(command))
	case len(s.Command) > 0:
		command.Path, command.Args = of.Program(s.Command[0]), s.Command[1:]
		t, err = startCommand(in.Starts(command), s.URL.Value, tracer)
	default:
		t = service.At(s.URL.Value)
	}
	if err != nil {
		return t, end{reports.Unreachable, err}
	}
	hits, err := load.For(of, t.URL)
	if err != nil {
		return t, end{reports.Unreachable, err}
	}
	ready.Way, ready.Elsewhere = hits.Way(), hits.Elsewhere()
	if err := t.Ready(ctx, ready); err != nil {
		return t, end{reports.Unreachable, err}
	}
	return t, nil
}

// startCommand starts a target, under the tool that sees its memory if there is one.
func startCommand(c process.Command, url string, tracer *memtrace.Tracer) (*service.Service, error) {
	name := c.String()
	var err error
	if c.Path, c.Args, err = tracer.Command(c.Path, c.Args); err != nil {
		return nil, err
	}
	t, err := service.Start(c, url)
	tracer.Started(time.Now())
	t.Name = name
	if tracer.Wraps() {
		t.Grace = traceGrace
	}
	return t, err
}

// unstarted returns what a report says of a target that has not started yet.
func unstarted(t scenarios.Target) reports.Target {
	if t.Bundled != nil {
		return reports.Target{Name: "targetsvc " + strings.Join(bundledArgs(*t.Bundled), " ")}
	}
	at := service.At(t.URL.Value)
	if len(t.Command) > 0 {
		return reports.Target{Name: strings.Join(t.Command, " "), URL: at.Shown()}
	}
	return reports.Target{Name: at.Name, URL: at.Shown()}
}

// bundledArgs returns the arguments that a scenario wants of the bundled service.
func bundledArgs(b scenarios.Bundled) []string {
	args := slices.Clone(b.Args)
	for _, fault := range slices.Sorted(maps.Keys(b.Faults)) {
		args = append(args, "--fault", setting(fault, b.Faults[fault]))
	}
	return args
}

// setting writes a fault with its value, if it has one.
func setting(fault, value string) string {
	if value == "" {
		return fault
	}
	return fault + "=" + value
}
