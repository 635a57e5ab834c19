package merge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"brrtload/internal/diag"
	"brrtload/internal/load"
	"brrtload/reports"
)

// maxKept bounds the files of a shard that are read.
const maxKept = 256 << 20

// Shards are the parts of one run, as they were kept. [Gather] makes them.
type Shards struct {
	of      uint64
	outline string
	parts   []keptPart // by index; those that are missing are not there
}

// keptPart is what one shard kept.
type keptPart struct {
	Part
	dir    string
	ledger load.Kept
	report reports.Report
}

// Gather reads the run directories of shards. It fails when they are not all of one run: the error
// says which two differ, and in what. A shard that was killed, or whose directory is not given, is
// no error: [Shards.Missing] has it.
func Gather(dirs []string) (*Shards, error) {
	s := &Shards{}
	byIndex := map[uint64]string{}
	first := ""
	for _, dir := range dirs {
		var p keptPart
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) && len(dirs) > 1 {
			continue // the shard never came to keep anything
		}
		if err := readKept(dir, PartFile, &p.Part); err != nil {
			return nil, fmt.Errorf("%s is not the run directory of a shard; `brrtload run --shard` makes one: %w", dir, err)
		}
		p.dir = dir
		if p.Version != PartVersion {
			return nil, fmt.Errorf("%s has version %d, this brrtload reads version %d", filepath.Join(dir, PartFile), p.Version, PartVersion)
		}
		if p.Of == 0 || p.Index >= p.Of {
			return nil, fmt.Errorf("%s: there is no shard %s", filepath.Join(dir, PartFile), p.Shard)
		}
		if first == "" {
			s.of, s.outline, first = p.Of, p.Outline, dir
		}
		switch other, twice := byIndex[p.Index]; {
		case p.Of != s.of:
			return nil, fmt.Errorf("%s is one of %d shards, and %s is one of %d; give the shards of one run", dir, p.Of, first, s.of)
		case p.Outline != s.outline:
			return nil, fmt.Errorf("%s has another plan than %s:\n  %s\n  %s", dir, first, diag.Printable(p.Outline), diag.Printable(s.outline))
		case twice:
			return nil, fmt.Errorf("shard %s is given twice: %s and %s", p.Shard, other, dir)
		}
		byIndex[p.Index] = dir
		if differs := otherSources(first, dir); differs != "" {
			return nil, fmt.Errorf("%s was run with another scenario than %s: %s", dir, first, differs)
		}
		if p.Kept {
			if err := p.read(); err != nil {
				return nil, err
			}
			s.parts = append(s.parts, p)
		}
	}
	slices.SortFunc(s.parts, func(a, b keptPart) int { return int(a.Index) - int(b.Index) })
	for _, p := range s.parts {
		if a := s.parts[0]; !p.Start.Equal(a.Start) {
			return nil, fmt.Errorf("%s started at %s, and %s at %s; give the shards of one run", p.dir,
				p.Start.UTC().Format(time.RFC3339Nano), a.dir, a.Start.UTC().Format(time.RFC3339Nano))
		} else if p.report.Where.Brrtload != a.report.Where.Brrtload {
			return nil, fmt.Errorf("%s was made by brrtload %s, and %s by %s; run all shards with one", p.dir,
				diag.Printable(p.report.Where.Brrtload), a.dir, diag.Printable(a.report.Where.Brrtload))
		}
	}
	if len(s.parts) == 0 {
		return nil, fmt.Errorf("no shard kept anything: %s", strings.Join(dirs, ", "))
	}
	return s, nil
}

// AwaitShards waits until every directory holds what its shard kept, at most this long, or until ctx
// ends.
func AwaitShards(ctx context.Context, atMost time.Duration, dirs []string) {
	const again = 500 * time.Millisecond
	for end := time.Now().Add(atMost); time.Now().Before(end); {
		if !slices.ContainsFunc(dirs, func(dir string) bool {
			var p Part
			err := readKept(dir, PartFile, &p)
			_, unreported := os.Stat(filepath.Join(dir, reports.ResultFile)) // it is written last
			return err != nil || !p.Kept || unreported != nil
		}) {
			return
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
			return
		}
	}
}

// Base returns the run directory whose scenario, and whose scrapes, are those of the run: that of
// shard 0, when it is there.
func (s *Shards) Base() string { return s.parts[0].dir }

// read reads the shard's ledger and report, and proves that each of its hits is counted once.
func (p *keptPart) read() error {
	if err := readKept(p.dir, LedgerFile, &p.ledger); err != nil {
		return fmt.Errorf("the ledger of shard %s in %s cannot be read: %w", p.Shard, p.dir, err)
	}
	var err error
	if p.report, err = reports.Read(p.dir); err != nil {
		return err
	}
	var done uint64
	for i, r := range p.Ranges {
		if r.From >= r.To || r.To > p.Planned || i > 0 && r.From < p.Ranges[i-1].To {
			return fmt.Errorf("%s: the numbers of the hits that are done are damaged", filepath.Join(p.dir, PartFile))
		}
		done += r.To - r.From
	}
	switch {
	case p.Twice > 0:
		return fmt.Errorf("shard %s in %s sent %d hits twice", p.Shard, p.dir, p.Twice)
	case p.Alien > 0:
		return fmt.Errorf("shard %s in %s sent %d hits of other shards", p.Shard, p.dir, p.Alien)
	case done != p.ledger.Done:
		return fmt.Errorf("the ledger of shard %s in %s counts %d hits, and %d numbers are done", p.Shard, p.dir, p.ledger.Done, done)
	}
	return nil
}

// Missing returns the shards that kept nothing.
func (s *Shards) Missing() (list []uint64) {
	for i := range s.of {
		if !slices.ContainsFunc(s.parts, func(p keptPart) bool { return p.Index == i }) {
			list = append(list, i)
		}
	}
	return list
}

// readKept reads a JSON file of a run directory.
func readKept(dir, name string, into any) error {
	file, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxKept))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// sourcesDir is where a run directory has the scenario and what was changed of it.
const sourcesDir = "sources"

// otherSources names a file in which the scenarios of two run directories differ; empty when there
// is none.
func otherSources(a, b string) string {
	if a == b {
		return ""
	}
	one, other := sourcesOf(a), sourcesOf(b)
	for name, text := range one {
		if found, there := other[name]; !there || !bytes.Equal(found, text) {
			return diag.Printable(name) + " differs"
		}
	}
	for name := range other {
		if _, there := one[name]; !there {
			return diag.Printable(name) + " is in one alone"
		}
	}
	return ""
}

func sourcesOf(dir string) map[string][]byte {
	files := map[string][]byte{}
	from := os.DirFS(dir)
	_ = fs.WalkDir(from, sourcesDir, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files[name], _ = fs.ReadFile(from, name) // what cannot be read differs
		}
		return nil
	})
	return files
}
