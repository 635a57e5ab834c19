package merge

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"golang.org/x/sync/errgroup"

	"brrtload/internal/evidence"
	"brrtload/internal/record"
)

// tolerance is how much later, in milliseconds, another shard's sample of the same edge may be.
const tolerance = 20

// shardSeries are the client's series of one shard.
type shardSeries struct {
	behind int64 // milliseconds to add to its timestamps: its clock is so far behind that of shard 0
	by     map[string]storage.Series
}

// sums writes the merged series of several shards. At every time at which shard 0 has a sample, the
// sum of the shards' last ones is the merged one; the last is the sum of all shards' last. A series
// that shard 0 lacks has the times of one that it has.
type sums struct {
	to     *evidence.Store
	stages []record.Stage
	shards []shardSeries
	clock  []int64 // times of shard 0's records
}

// readSeries collects a shard's series.
func readSeries(ctx context.Context, from *evidence.Store, behind time.Duration) (shardSeries, func() error, error) {
	s := shardSeries{behind: behind.Milliseconds(), by: map[string]storage.Series{}}
	list, closing, err := from.Raw(ctx, slices.Concat(record.SummedSeries, record.BusiestSeries, record.LargestSeries))
	if err != nil {
		return s, nil, err
	}
	for _, series := range list {
		s.by[string(series.Labels().Bytes(nil))] = series
	}
	return s, closing, nil
}

// write writes all series into the store.
func (s *sums) write(ctx context.Context) error {
	sent := record.Named(record.SeriesSent)
	if series := s.shards[0].by[string(sent.Bytes(nil))]; series != nil {
		s.clock = timesOf(series)
	}
	all := map[string]labels.Labels{}
	for _, shard := range s.shards {
		for key, series := range shard.by {
			all[key] = series.Labels()
		}
	}
	busiest, err := s.busiest()
	if err != nil {
		return err
	}
	var working errgroup.Group
	working.SetLimit(runtime.GOMAXPROCS(0))
	for key, lset := range all {
		shards, join := s.shards, add
		switch name := lset.Get(model.MetricNameLabel); {
		case slices.Contains(record.BusiestSeries, name):
			shards, join = s.shards[busiest:busiest+1], largest
		case slices.Contains(record.LargestSeries, name):
			join = largest
		}
		working.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := s.one(key, lset, shards, join); err != nil {
				return fmt.Errorf("merge %s: %w", lset, err)
			}
			return nil
		})
	}
	return working.Wait()
}

func add(a, b float64) float64     { return a + b }
func largest(a, b float64) float64 { return max(a, b) }

// one writes one merged series.
func (s *sums) one(key string, lset labels.Labels, shards []shardSeries, join func(a, b float64) float64) error {
	times := s.times(key, lset)
	if len(times) == 0 {
		return nil // of a stage that shard 0 never came to: it has no window either
	}
	var readers []*steps
	for _, shard := range shards {
		if series := shard.by[key]; series != nil {
			readers = append(readers, &steps{it: series.Iterator(nil), behind: shard.behind})
		}
	}
	series, err := s.to.Series(lset)
	if err != nil {
		return err
	}
	var total totals
	batch := s.to.At(time.UnixMilli(times[0]))
	for i, t := range times {
		until := t + tolerance
		if i == len(times)-1 {
			until = math.MaxInt64
		}
		any, histograms, sum := false, false, 0.0
		for _, r := range readers {
			if err := r.to(until); err != nil {
				return errors.Join(err, batch.Commit())
			}
			if r.seen && !r.counts && !any {
				any, sum = true, r.value
			} else if r.seen && !r.counts {
				sum = join(sum, r.value)
			}
			histograms = histograms || r.counts
		}
		batch.Move(time.UnixMilli(t))
		if histograms {
			batch.Append(series, evidence.Sample{Histogram: total.of(readers).Copy()})
		} else if any {
			batch.Append(series, evidence.Sample{Value: sum})
		}
	}
	return batch.Commit()
}

// times are when the merged series has samples.
func (s *sums) times(key string, lset labels.Labels) []int64 {
	if series := s.shards[0].by[key]; series != nil {
		return timesOf(series)
	}
	name := lset.Get("stage")
	if name == "" {
		return s.clock
	}
	i := slices.IndexFunc(s.stages, func(of record.Stage) bool { return of.Name == name })
	if i < 0 || s.stages[i].Start.IsZero() || s.stages[i].End.IsZero() {
		return nil
	}
	from, to := s.stages[i].Start.UnixMilli(), s.stages[i].End.UnixMilli()
	list := []int64{from}
	for _, t := range s.clock {
		if t > from && t < to {
			list = append(list, t)
		}
	}
	return append(list, to)
}

func timesOf(series storage.Series) (list []int64) {
	for it := series.Iterator(nil); it.Next() != chunkenc.ValNone; {
		list = append(list, it.AtT())
	}
	return list
}

// busiest returns the index of the shard that used the largest share of its CPUs.
func (s *sums) busiest() (int, error) {
	most, at := -1.0, 0
	for i, shard := range s.shards {
		used, err := last(shard.by[string(record.Named(record.SeriesOwnCPU).Bytes(nil))])
		cpus, failed := last(shard.by[string(record.Named(record.SeriesOwnCPUs).Bytes(nil))])
		if err = errors.Join(err, failed); err != nil {
			return 0, err
		}
		if share := used / cpus; share > most {
			most, at = share, i
		}
	}
	return at, nil
}

// last returns the last value of a series, 0 of none.
func last(series storage.Series) (float64, error) {
	if series == nil {
		return 0, nil
	}
	r := steps{it: series.Iterator(nil)}
	err := r.to(math.MaxInt64)
	return r.value, err
}

// steps reads a series as a step function.
type steps struct {
	it        chunkenc.Iterator
	behind    int64
	ready     chunkenc.ValueType // of the sample that the iterator stands at and that was not taken
	ended     bool
	seen      bool // a sample was taken
	counts    bool // it is a histogram
	value     float64
	histogram *histogram.Histogram
}

// to moves on to the last sample that is not after t.
func (r *steps) to(t int64) error {
	for !r.ended {
		if r.ready == chunkenc.ValNone {
			if r.ready = r.it.Next(); r.ready == chunkenc.ValNone {
				r.ended = true
				return r.it.Err()
			}
		}
		if r.it.AtT()+r.behind > t {
			return nil
		}
		switch r.ready {
		case chunkenc.ValFloat:
			if _, v := r.it.At(); !value.IsStaleNaN(v) {
				r.seen, r.counts, r.value = true, false, v
			}
		case chunkenc.ValHistogram:
			_, h := r.it.AtHistogram(r.histogram)
			if r.histogram = h; !value.IsStaleNaN(h.Sum) {
				r.seen, r.counts = true, true
			}
		default:
			return errors.New("a client's series is neither of numbers nor of native histograms")
		}
		r.ready = chunkenc.ValNone
	}
	return nil
}

// The native buckets that a client's histogram can have, from the ledger's finest to its longest.
const (
	lowestBucket = -1400
	bucketRoom   = 2200
)

// totals adds histograms up.
type totals struct {
	native      record.Native
	before, now [bucketRoom]int64
	more        []record.Growth
}

// of returns the sum of the readers' histograms, valid until the next call but one.
func (t *totals) of(readers []*steps) *histogram.Histogram {
	clear(t.now[:])
	var count uint64
	var sum float64
	for _, r := range readers {
		if !r.counts {
			continue
		}
		count += r.histogram.Count
		sum += r.histogram.Sum
		t.count(r.histogram)
	}
	t.more = t.more[:0]
	for i := range t.now {
		if by := t.now[i] - t.before[i]; by != 0 {
			t.more = append(t.more, record.Growth{Bucket: int32(i) + lowestBucket, By: by})
		}
	}
	t.before = t.now
	return t.native.Shift(t.more, count, sum)
}

// count adds a histogram's buckets. It walks the lists itself: the library's iterator works out the
// bounds of each bucket, which takes most of its time.
func (t *totals) count(h *histogram.Histogram) {
	at, bucket := -lowestBucket, 0
	var n int64
	for _, span := range h.PositiveSpans {
		at += int(span.Offset)
		for range span.Length {
			n += h.PositiveBuckets[bucket] // a bucket is stored as its difference to the one before
			t.now[min(max(at, 0), bucketRoom-1)] += n
			at++
			bucket++
		}
	}
}
