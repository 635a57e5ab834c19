package evidence

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// Raw returns the stored series of some metrics. They can be read until close is called.
func (s *Store) Raw(ctx context.Context, metrics []string) (series []storage.Series, close func() error, err error) {
	querier, err := s.samples.Querier(math.MinInt64, math.MaxInt64)
	if err != nil {
		return nil, nil, err
	}
	set := querier.Select(ctx, true, nil, anyOf(metrics))
	for set.Next() {
		series = append(series, set.At())
	}
	return series, querier.Close, set.Err()
}

func anyOf(metrics []string) *labels.Matcher {
	quoted := make([]string, len(metrics))
	for i, name := range metrics {
		quoted[i] = regexp.QuoteMeta(name)
	}
	return labels.MustNewMatcher(labels.MatchRegexp, model.MetricNameLabel, strings.Join(quoted, "|"))
}

// Adopt takes over what a kept run has besides its samples: windows, families, events, its
// baseline, and whether its series are another server's.
func (s *Store) Adopt(run *Store) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.baseline, s.windows, s.families, s.events = run.baseline, run.Windows(), run.families, run.events
	s.relayed = run.relayed
}

// SaveOver is [Store.Save] over the samples of a kept run: the series of some metrics are this
// store's, all others are the run's. Chunks of these are copied as they are.
func (s *Store) SaveOver(ctx context.Context, run *Store, metrics []string) error {
	if run.block == nil {
		return s.Save()
	}
	data := filepath.Join(s.dir, dataDir)
	base, err := copyBlock(data, run)
	if err != nil {
		return fmt.Errorf("save evidence: %w", err)
	}
	err = forget(ctx, base, metrics)
	if err == nil {
		err = s.Save()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("save evidence: %w", err), os.RemoveAll(base))
	}
	return s.join(base)
}

// join makes one block of the saved one and another, and saves that it is the store's.
func (s *Store) join(base string) error {
	data := filepath.Join(s.dir, dataDir)
	f, err := readMetadata(s.dir)
	if err != nil {
		return err
	}
	dirs := []string{base}
	if f.Block != "" {
		dirs = append(dirs, filepath.Join(data, f.Block))
	}
	compactor, err := newCompactor()
	if err != nil {
		return err
	}
	ids, err := compactor.Compact(data, dirs, nil)
	if err != nil {
		return fmt.Errorf("join blocks: %w", err)
	}
	f.Block = ""
	if len(ids) > 0 {
		f.Block = ids[0].String()
	}
	for _, dir := range dirs {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return errors.Join(err, writeJSON(filepath.Join(s.dir, factsFile), f))
}

// copyBlock copies the block of a kept run below another name.
func copyBlock(data string, run *Store) (string, error) {
	if err := os.MkdirAll(data, 0o755); err != nil {
		return "", err
	}
	id, err := ulid.New(ulid.Now(), ulid.DefaultEntropy())
	if err != nil {
		return "", err
	}
	to := filepath.Join(data, id.String())
	text, err := fs.ReadFile(os.DirFS(run.block.Dir()), "meta.json")
	if err != nil {
		return "", err
	}
	if err := os.CopyFS(to, os.DirFS(run.block.Dir())); err != nil {
		return "", errors.Join(err, os.RemoveAll(to))
	}
	// a block is named as its directory
	renamed := strings.ReplaceAll(string(text), run.block.Meta().ULID.String(), id.String())
	return to, os.WriteFile(filepath.Join(to, "meta.json"), []byte(renamed), 0o644)
}

// forget marks the series of some metrics in a block as deleted.
func forget(ctx context.Context, dir string, metrics []string) error {
	block, err := tsdb.OpenBlock(slog.New(slog.DiscardHandler), dir, nil, nil)
	if err != nil {
		return err
	}
	return errors.Join(block.Delete(ctx, math.MinInt64, math.MaxInt64, anyOf(metrics)), block.Close())
}
