package main

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/spf13/pflag"

	"brrtload/internal/diag"
	"brrtload/internal/pace"
	"brrtload/internal/shard"
	"brrtload/scenarios"
)

// shardFlags say which part of a load a run sends.
type shardFlags struct{ shard, startAt, barrier string }

func (f *shardFlags) flags(flags *pflag.FlagSet) {
	flags.StringVar(&f.shard, "shard", "",
		"send share `I/N` of the load: every Nth hit from hit I on; brrtload merge judges the run")
	flags.StringVar(&f.startAt, "start-at", "",
		"`TIME` at which a shard's load starts: 2026-01-31T12:00:00Z, or +30s from now")
	flags.StringVar(&f.barrier, "barrier", "",
		"`HOST:PORT` where shard 0 listens; there the shards agree on the start and compare clocks")
}

// member returns the shard that was asked for, nil when none was.
func (f *shardFlags) member(s *scenarios.Scenario) (*shard.Member, error) {
	if f.shard == "" {
		if f.startAt != "" || f.barrier != "" {
			return nil, usage(errors.New("--start-at and --barrier need a shard; add --shard I/N"))
		}
		return nil, nil
	}
	which, err := shard.Parse(f.shard)
	if err != nil {
		return nil, diag.FlagText("--shard", f.shard).Errorf("%v", err)
	}
	m := &shard.Member{Shard: which, Barrier: f.barrier}
	if m.StartAt, err = startAt(f.startAt, time.Now()); err != nil {
		return nil, err
	}
	if f.barrier != "" {
		if _, port, err := net.SplitHostPort(f.barrier); err != nil || port == "" {
			return nil, diag.FlagText("--barrier", f.barrier).Errorf("want HOST:PORT, of shard 0")
		}
	}
	switch plan, err := s.Plan(s.Seed); {
	case err != nil:
		return nil, err
	case which.Of > 1 && f.barrier == "" && f.startAt == "":
		return nil, usage(errors.New("shards start together: give all of them --barrier HOST:PORT of shard 0, or the same --start-at TIME"))
	case which.Of > 1 && (s.Target.Bundled != nil || len(s.Target.Command) > 0):
		return nil, usage(errors.New("--shard: each shard would start a target of its own; start it once, and give all shards its --url"))
	case plan.Schedule().ClosedFrom() != pace.Unbounded:
		return nil, usage(errors.New("--shard: the hits of a closed loop (rate: max) have no due times to share out; give a rate"))
	}
	return m, nil
}

// startAt reads a time, or a duration from now.
func startAt(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if text[0] == '+' {
		d, err := time.ParseDuration(text[1:])
		if err != nil || d <= 0 {
			return time.Time{}, diag.FlagText("--start-at", text).Errorf("want a duration above 0, such as +30s")
		}
		return now.Add(d), nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	switch {
	case err != nil:
		return t, diag.FlagText("--start-at", text).Errorf("want a time such as 2026-01-31T12:00:00Z, or +30s")
	case t.Before(now):
		return t, diag.FlagText("--start-at", text).Errorf("it was %s ago; give a time to come", now.Sub(t).Round(time.Second))
	}
	return t, nil
}

// refused marks the error of a shard that the others do not take as the user's to mend.
func refused(err error) error {
	if errors.Is(err, shard.ErrRefused) {
		return usage(fmt.Errorf("--shard: %w", err))
	}
	return err
}
