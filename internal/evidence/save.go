package evidence

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"brrtload/internal/facts"
)

// The files of a run directory that hold its evidence.
const (
	dataDir       = "tsdb"          // a Prometheus data directory
	factsFile     = "evidence.json" // what a block cannot hold
	exemplarsFile = "exemplars.json"
)

// factsVersion grows when a reader of the last evidence.json would misread the next.
const factsVersion = 1

// facts is evidence.json.
type metadata struct {
	Version  int            `json:"version"`
	Block    string         `json:"block,omitempty"`    // the block's directory in tsdb/; none when there was no sample
	Baseline *time.Time     `json:"baseline,omitempty"` // t0; absent when the baseline scrape failed
	Windows  []facts.Window `json:"windows"`
	Families catalogue      `json:"families,omitempty"`
	Events   journal        `json:"events,omitzero"`
	Relayed  *Relayed       `json:"relayed,omitempty"`
}

// Save writes the evidence into the run directory, once: a block in tsdb/, exemplars.json and,
// last, evidence.json, so that a directory with that file is whole. An error means that the
// directory is not.
func (s *Store) Save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.head == nil || s.saved {
		return fmt.Errorf("save evidence: %s holds it already", s.dir)
	}
	if err := s.shelf.failed(); err != nil {
		return fmt.Errorf("save evidence: %w", err)
	}
	block, err := s.writeBlock()
	if err != nil {
		return fmt.Errorf("save evidence: %w", err)
	}
	exemplars, err := s.exemplars()
	if err != nil {
		return fmt.Errorf("save evidence: %w", err)
	}
	f := metadata{Version: factsVersion, Block: block, Windows: s.windows, Families: s.families, Events: s.events,
		Relayed: s.relayed}
	if s.baseline != noBaseline {
		t0 := time.UnixMilli(s.baseline).UTC()
		f.Baseline = &t0
	}
	if len(exemplars) > 0 {
		if err := writeJSON(filepath.Join(s.dir, exemplarsFile), exemplars); err != nil {
			return fmt.Errorf("save evidence: %w", err)
		}
	}
	if err := writeJSON(filepath.Join(s.dir, factsFile), f); err != nil {
		return fmt.Errorf("save evidence: %w", err)
	}
	s.saved = true
	return nil
}

// segment is how large a file of a block's chunks gets, in bytes. So much is taken of the disk at
// once.
const segment = 8 << 20

// writeBlock writes all samples and gives the block's name, or "" when there is no sample.
func (s *Store) writeBlock() (string, error) {
	data := filepath.Join(s.dir, dataDir)
	// promtool opens a data directory only with this in it.
	if err := os.MkdirAll(filepath.Join(data, "wal"), 0o755); err != nil {
		return "", err
	}
	mint, maxt := s.head.MinTime(), s.head.MaxTime()
	if mint > maxt {
		return "", nil
	}
	compactor, err := newCompactor()
	if err != nil {
		return "", err
	}
	// A block's end is not part of it.
	ids, err := compactor.Write(data, tsdb.NewRangeHead(s.head, mint, maxt), mint, maxt+1, nil)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0].String(), nil
}

func newCompactor() (*tsdb.LeveledCompactor, error) {
	return tsdb.NewLeveledCompactorWithOptions(context.Background(), nil, slog.New(slog.DiscardHandler),
		[]int64{chunkRange.Milliseconds()}, nil, tsdb.LeveledCompactorOptions{MaxBlockChunkSegmentSize: segment})
}

// exemplars returns those kept of every series. A block cannot hold them.
func (s *Store) exemplars() ([]exemplar.QueryResult, error) {
	querier, err := s.head.ExemplarQuerier(context.Background())
	if err != nil {
		return nil, err
	}
	all := labels.MustNewMatcher(labels.MatchRegexp, model.MetricNameLabel, ".+")
	return querier.Select(s.head.MinTime(), s.head.MaxTime(), []*labels.Matcher{all})
}

// Open opens the evidence that a run saved in a directory, for reading.
func Open(dir string) (*Store, error) {
	f, err := readMetadata(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{
		dir: dir, engine: newEngine(), samples: noSamples, baseline: noBaseline,
		windows: f.Windows, families: f.Families, events: f.Events, relayed: f.Relayed, saved: true,
	}
	if f.Baseline != nil {
		s.baseline = f.Baseline.UnixMilli()
	}
	if f.Block == "" {
		return s, nil
	}
	if _, err := ulid.ParseStrict(f.Block); err != nil {
		return nil, fmt.Errorf("open evidence: %s: block %q: %w", filepath.Join(dir, factsFile), f.Block, err)
	}
	s.block, err = tsdb.OpenBlock(slog.New(slog.DiscardHandler), filepath.Join(dir, dataDir, f.Block), nil, nil)
	if err != nil {
		return nil, fmt.Errorf("open evidence: %w", err)
	}
	s.samples = storage.QueryableFunc(func(mint, maxt int64) (storage.Querier, error) {
		return tsdb.NewBlockQuerier(s.block, mint, maxt)
	})
	return s, nil
}

// readMetadata reads evidence.json.
func readMetadata(dir string) (f metadata, err error) {
	text, err := os.ReadFile(filepath.Join(dir, factsFile))
	if err != nil {
		return f, fmt.Errorf("open evidence: %w", err)
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return f, fmt.Errorf("open evidence: %s: %w", filepath.Join(dir, factsFile), err)
	}
	if f.Version != factsVersion {
		return f, fmt.Errorf("open evidence: %s has version %d, this brrtload reads version %d",
			filepath.Join(dir, factsFile), f.Version, factsVersion)
	}
	return f, nil
}

var noSamples = storage.QueryableFunc(func(int64, int64) (storage.Querier, error) { return storage.NoopQuerier(), nil })

// writeJSON writes a file whole or not at all.
func writeJSON(path string, v any) (err error) {
	draft := path + ".tmp"
	file, err := os.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) // not through a link
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(draft))
		}
	}()
	buffered := bufio.NewWriter(file)
	err = errors.Join(json.NewEncoder(buffered).Encode(v), buffered.Flush(), file.Sync(), file.Close())
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(draft, path)
}
