package run

import (
	"cmp"
	"context"
	"maps"
	"path/filepath"
	"slices"

	"brrtload/internal/process"
	"brrtload/internal/service"
	"brrtload/scenarios"
)

// unreachable is an error that means the target, or its endpoint, was never there: exit status 5.
type unreachable struct{ error }

func (u unreachable) Unwrap() error { return u.error }

// startTarget starts what the scenario names and waits until it is ready to be loaded. What it started it gives back with an error too, to be stopped.
func startTarget(ctx context.Context, of *scenarios.Scenario, bundled, dir string, in *intake) (*service.Service, error) {
	s, path := of.Target, of.Target.Ready
	command := process.Command{Env: s.Env.Assignments(), Dir: of.Path(s.Dir), Log: log(dir)}
	var t *service.Service
	var err error
	switch {
	case s.Bundled != nil:
		path = cmp.Or(path, "/ready")
		command.Path, command.Args = bundled, bundledArgs(*s.Bundled)
		t, err = service.StartBundled(ctx, in.starts(command))
	case len(s.Command) > 0:
		command.Path, command.Args = of.Program(s.Command[0]), s.Command[1:]
		t, err = service.Start(in.starts(command), s.URL.Value)
	default:
		t = service.At(s.URL.Value)
	}
	if err == nil {
		err = t.Ready(ctx, path)
	}
	if err != nil {
		return t, unreachable{err}
	}
	return t, nil
}

// log is the copy of what a started target writes to its output.
func log(dir string) string { return filepath.Join(dir, "target.log") }

// bundledArgs gives the arguments that a scenario wants of the bundled service.
func bundledArgs(b scenarios.Bundled) []string {
	args := slices.Clone(b.Args)
	for _, fault := range slices.Sorted(maps.Keys(b.Faults)) {
		setting := fault
		if value := b.Faults[fault]; value != "" {
			setting += "=" + value
		}
		args = append(args, "--fault", setting)
	}
	return args
}
