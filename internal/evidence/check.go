package evidence

import (
	"context"
	"math"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// Check reads every sample and returns the first error that the samples' files cause: they are
// damaged. It takes as long as judging does.
func (s *Store) Check(ctx context.Context) error {
	querier, err := s.samples.Querier(math.MinInt64, math.MaxInt64)
	if err != nil {
		return err
	}
	defer querier.Close() //nolint:errcheck // it was only read
	all := labels.MustNewMatcher(labels.MatchRegexp, model.MetricNameLabel, ".+")
	set := querier.Select(ctx, false, nil, all)
	var samples chunkenc.Iterator
	for set.Next() {
		samples = set.At().Iterator(samples)
		for samples.Next() != chunkenc.ValNone {
		}
		if err := samples.Err(); err != nil {
			return err
		}
	}
	return set.Err()
}
