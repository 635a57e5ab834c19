// Package memtrace has the target of a run seen by a memory profiler.
//
// In go the tool that a scenario names and what the run does meanwhile; out come the tool's raw files
// in the run directory, series in the evidence at their own times, and a section of the report. The
// files are read by package memory; package run says when the load begins and ends.
package memtrace

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"brrtload/internal/diag"
	"brrtload/internal/memory"
	"brrtload/scenarios"
)

// Dir is the directory in a run directory that has the raw files of the tool.
const Dir = "memory"

// Tracer is the tool that sees a target's memory. Methods do nothing on nil; those that fetch are
// safe for concurrent use.
type Tracer struct {
	tool  memory.Tool
	dir   string
	names []memory.Name

	started time.Time // of the process that the tool wraps
	client  *http.Client
	url     string
	local   bool // the target is on this machine

	mu   sync.Mutex
	lost error // why a profile is missing
}

// New returns the tracer of a scenario, nil where it has none. Raw files go to a directory in dir.
func New(s *scenarios.Scenario, dir string) (*Tracer, error) {
	if s.Memory == nil {
		return nil, nil
	}
	where, err := filepath.Abs(filepath.Join(dir, Dir))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(where, 0o755); err != nil {
		return nil, fmt.Errorf("make the directory of %s: %w", s.Memory.Tool, err)
	}
	t := &Tracer{tool: memory.Tool(s.Memory.Tool), dir: where}
	for _, name := range slices.Sorted(maps.Keys(s.Memory.Sites)) {
		t.names = append(t.names, memory.Name{Site: name, Function: s.Memory.Sites[name]})
	}
	return t, nil
}

// Ready reports by its error, a [diag.Mistake], that the tool which a scenario names cannot start its
// target here.
func Ready(s *scenarios.Scenario) error {
	if s.Memory == nil || !s.Memory.Tool.Wraps() {
		return nil
	}
	if _, err := memory.Tool(s.Memory.Tool).Wrap(s.Target.Command, os.TempDir()); err != nil {
		return diag.Mistakef("memory: %s: %w", s.Memory.Tool, err)
	}
	return nil
}

// Command returns the target's command under the tool; as it is, where the tool wraps none.
func (t *Tracer) Command(path string, args []string) (string, []string, error) {
	if !t.Wraps() {
		return path, args, nil
	}
	wrapped, err := t.tool.Wrap(append([]string{path}, args...), t.dir)
	if err != nil {
		return "", nil, err
	}
	return wrapped[0], wrapped[1:], nil
}

// Wraps reports whether the target runs under the tool, and so more slowly than by itself.
func (t *Tracer) Wraps() bool { return t != nil && t.tool != memory.Pprof }

// Valgrind reports whether the target runs in valgrind, which has its threads on stacks of its own.
func (t *Tracer) Valgrind() bool {
	return t != nil && (t.tool == memory.DHAT || t.tool == memory.Massif)
}

// Fetches reports whether profiles are fetched while the target runs.
func (t *Tracer) Fetches() bool { return t != nil && t.tool == memory.Pprof }

// Started reports when the target's process was started.
func (t *Tracer) Started(at time.Time) {
	if t != nil && t.started.IsZero() {
		t.started = at
	}
}

// Lose keeps why a part of what the tool saw is missing. The first reason counts.
func (t *Tracer) Lose(err error) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lost == nil {
		t.lost = err
	}
}

// Read returns what the tool saw, once the target has ended, or has done all that is asked of it.
func (t *Tracer) Read() (memory.Profile, error) {
	t.mu.Lock()
	lost := t.lost
	t.mu.Unlock()
	switch {
	case t.Fetches() && lost != nil:
		return memory.Profile{}, lost
	case t.Fetches():
		return memory.ReadPprof(t.dir, t.local, t.names...)
	}
	p, err := memory.Read(t.tool, t.dir, t.names...)
	err = errors.Join(err, t.share())
	if err != nil && lost != nil {
		err = fmt.Errorf("%w: %w", lost, err)
	}
	if p.Start.IsZero() {
		p.Start = t.started
	}
	return p, err
}

// Redact takes secrets out of the raw files, once the target has ended: the tools write down its
// command. [Tracer.Read] comes after it.
func (t *Tracer) Redact(clean *strings.Replacer) {
	if t.Wraps() {
		if err := memory.Redact(t.tool, t.dir, clean); err != nil {
			t.Lose(err)
		}
	}
}

// share lets everybody read the raw files who may read the run directory: valgrind does not.
func (t *Tracer) share() error {
	entries, err := os.ReadDir(t.dir)
	for _, entry := range entries {
		if entry.Type().IsRegular() {
			err = errors.Join(err, os.Chmod(filepath.Join(t.dir, entry.Name()), 0o644))
		}
	}
	return err
}

// Watch fetches a profile now and then until ctx ends; see [Every].
func (t *Tracer) Watch(ctx context.Context, every time.Duration) {
	if !t.Fetches() {
		return
	}
	for {
		select {
		case <-time.After(every):
		case <-ctx.Done():
			return
		}
		if err := t.Fetch(ctx, false); err != nil && ctx.Err() == nil {
			t.Lose(err)
		}
	}
}

// How often profiles are fetched while the load is sent: each costs the target the time to write it.
const (
	everyLeast = time.Second
	everyMost  = 2 * time.Minute
	everyShare = 10 // of the load's length
)

// Every returns the time between two fetches in a load of that length.
func Every(load time.Duration) time.Duration { return min(max(load/everyShare, everyLeast), everyMost) }
