package evidence

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
)

// Series is a store's handle of one series.
type Series struct {
	labels labels.Labels
	ref    storage.SeriesRef
	// state is what was committed, pending what a batch under way has added to it.
	state, pending state
}

type state struct {
	last  int64 // the newest sample or marker, milliseconds, or never
	value int64 // the newest sample that is no marker
	kind  kind  // of the newest sample
}

type kind int

const (
	float kind = iota
	integerHistogram
	floatHistogram
)

// never is before every timestamp.
const never = math.MinInt64

// Labels returns the series' labels, its name included.
func (s *Series) Labels() labels.Labels { return s.labels }

// Last returns the time of the newest committed sample, markers left out, and false when there is
// none.
func (s *Series) Last() (time.Time, bool) {
	return time.UnixMilli(s.state.value), s.state.value != never
}

// Sample is a value of a series: of the three kinds one is set, Value where no histogram is.
type Sample struct {
	Value     float64
	Histogram *histogram.Histogram
	Float     *histogram.FloatHistogram
	// Zero is when the series started from 0, or the zero time. A zero is stored there, or after
	// the marker that ended the series meanwhile, unless the series has a newer sample.
	Zero time.Time
	// Exemplars must be in order of time.
	Exemplars []exemplar.Exemplar
}

// Batch is the samples of one timestamp, or of several with [Batch.Move]. It keeps the first error and gives it at [Batch.Commit].
type Batch struct {
	store    *Store
	appender storage.AppenderV2
	at       int64
	touched  []*Series
	teed     []func()
	takes    time.Duration // about, to store what was added since the last [Batch.Pause] that stored it
	err      error
}

// About how long it takes to store a sample, and to store what is worth it by itself.
const (
	floatTakes     = 100 * time.Nanosecond
	histogramTakes = 10 * time.Microsecond
	worthIt        = 20 * time.Microsecond
)

// At begins a batch of samples at t, cut to the millisecond.
func (s *Store) At(t time.Time) *Batch {
	b := &Batch{store: s, at: t.UnixMilli()}
	if s.head == nil {
		b.err = fmt.Errorf("%s: the store was opened for reading", s.dir)
		return b
	}
	b.appender = s.head.AppenderV2(context.Background())
	return b
}

// Move makes the samples that follow those of another time, cut to the millisecond.
func (b *Batch) Move(t time.Time) { b.at = t.UnixMilli() }

// Add adds a gauge's sample.
func (b *Batch) Add(lset labels.Labels, v float64) { b.add(lset, Sample{Value: v}, false) }

// AddCounter adds a counter's sample. A series that was not there at the baseline gets its zero at
// the baseline.
func (b *Batch) AddCounter(lset labels.Labels, v float64) { b.add(lset, Sample{Value: v}, true) }

func (b *Batch) add(lset labels.Labels, x Sample, counter bool) {
	if b.err != nil {
		return
	}
	series := b.Series(lset)
	if counter {
		x.Zero = b.Baseline()
	}
	b.Append(series, x)
}

// Series returns the store's handle of a series, for later batches too. Where the store has no
// room, it returns nil and the batch fails.
func (b *Batch) Series(lset labels.Labels) *Series {
	series, err := b.store.Series(lset)
	if err != nil {
		b.fail(lset, err)
	}
	return series
}

// Baseline returns the time of the baseline scrape, the zero time before it.
func (b *Batch) Baseline() time.Time {
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	if b.store.baseline == noBaseline {
		return time.Time{}
	}
	return time.UnixMilli(b.store.baseline)
}

// Append adds a sample to a series of the batch's store. Histograms belong to the store afterwards.
// Samples of one series must be in order of time; those of different series need not be.
func (b *Batch) Append(s *Series, x Sample) {
	if b.err != nil {
		return
	}
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	if b.at <= s.pending.last {
		b.fail(s.labels, fmt.Errorf("sample at %s is not after the one at %s", stamp(b.at), stamp(s.pending.last)))
		return
	}
	if zero := x.Zero.UnixMilli(); !x.Zero.IsZero() && zero > s.pending.value {
		if zero = max(zero, s.pending.last+1); zero < b.at {
			b.append(s, zero, x.zero())
		}
	}
	b.append(s, b.at, x)
}

// Stale reports that the series has ended: instant selectors no longer see it.
func (b *Batch) Stale(s *Series) {
	marker := math.Float64frombits(value.StaleNaN)
	switch s.pending.kind {
	case integerHistogram:
		b.Append(s, Sample{Histogram: &histogram.Histogram{Sum: marker}})
	case floatHistogram:
		b.Append(s, Sample{Float: &histogram.FloatHistogram{Sum: marker}})
	default:
		b.Append(s, Sample{Value: marker})
	}
}

// append needs the store's lock.
func (b *Batch) append(s *Series, at int64, x Sample) {
	ref, err := b.appender.Append(s.ref, s.labels, 0, at, x.Value, x.Histogram, x.Float,
		storage.AppendV2Options{Exemplars: x.Exemplars})
	var refused *storage.AppendPartialError // exemplars that came out of order: the sample was taken
	if _, err = refused.Handle(err); err != nil {
		b.fail(s.labels, err)
		return
	}
	if b.store.tee != nil {
		b.teed = append(b.teed, func() { b.store.tee(s.labels, at, x) })
	}
	b.takes += x.takes()
	if s.pending == s.state {
		b.touched = append(b.touched, s)
	}
	s.ref, s.pending.last, s.pending.kind = ref, at, x.kind()
	if !x.marker() {
		s.pending.value = at
	}
}

// Fail keeps an error for Commit to give: the batch will store nothing.
func (b *Batch) Fail(lset labels.Labels, err error) { b.fail(lset, err) }

func (b *Batch) fail(lset labels.Labels, err error) {
	if b.err == nil {
		b.err = fmt.Errorf("record %s: %w", lset, err)
	}
}

// Pause stores what the batch has so far if that is much, and lets goroutines that wait for a CPU go
// first: a hit may have come due. It is for batches whose samples need not be stored together.
func (b *Batch) Pause() {
	runtime.Gosched()
	if b.err != nil || b.takes < worthIt {
		return
	}
	b.flush()
	if b.err == nil {
		b.appender = b.store.head.AppenderV2(context.Background())
	}
	runtime.Gosched()
}

// Commit stores the batch, or nothing of it since the last [Batch.Pause] and gives the error. A batch
// must end with it.
func (b *Batch) Commit() error {
	if b.appender == nil {
		return b.err
	}
	b.flush()
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	b.store.shelf.put()
	return b.err
}

// flush ends the appender: it stores what was added to it, or with an error nothing.
func (b *Batch) flush() {
	end := b.appender.Commit
	if b.err != nil {
		end = b.appender.Rollback
	}
	if err := end(); err != nil && b.err == nil {
		b.err = fmt.Errorf("record samples at %s: %w", stamp(b.at), err)
	}
	if b.err == nil {
		for _, hand := range b.teed {
			hand()
		}
	}
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	for _, s := range b.touched {
		if b.err == nil {
			s.state = s.pending
		}
		s.pending = s.state
	}
	b.appender, b.touched, b.teed, b.takes = nil, b.touched[:0], b.teed[:0], 0
}

func (x Sample) takes() time.Duration {
	if x.kind() == float {
		return floatTakes
	}
	return histogramTakes
}

func (x Sample) kind() kind {
	switch {
	case x.Histogram != nil:
		return integerHistogram
	case x.Float != nil:
		return floatHistogram
	}
	return float
}

// marker reports whether the sample says that the series has ended.
func (x Sample) marker() bool {
	switch x.kind() {
	case integerHistogram:
		return value.IsStaleNaN(x.Histogram.Sum)
	case floatHistogram:
		return value.IsStaleNaN(x.Float.Sum)
	}
	return value.IsStaleNaN(x.Value)
}

// zero returns the sample's kind with nothing counted. Histograms keep their layout, so that no
// chunk is cut.
func (x Sample) zero() Sample {
	switch x.kind() {
	case integerHistogram:
		h := x.Histogram
		return Sample{Histogram: &histogram.Histogram{
			CounterResetHint: histogram.CounterReset, Schema: h.Schema, ZeroThreshold: h.ZeroThreshold, CustomValues: h.CustomValues,
		}}
	case floatHistogram:
		h := x.Float
		return Sample{Float: &histogram.FloatHistogram{
			CounterResetHint: histogram.CounterReset, Schema: h.Schema, ZeroThreshold: h.ZeroThreshold, CustomValues: h.CustomValues,
		}}
	}
	return Sample{}
}

func stamp(ms int64) string { return time.UnixMilli(ms).UTC().Format("15:04:05.000") }
