package load

import (
	"iter"
	"math/bits"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Histogram counts durations to three significant digits, between half a microsecond and an hour;
// what lies beyond is counted at the edge. It is not safe for concurrent use. One that stands in a
// [Snapshot] is for reading only: to record into it, or to merge into it, panics.
type Histogram struct {
	hdr    *hdrhistogram.Histogram
	copied *hdrhistogram.Snapshot // the counts of a histogram for reading; hdr is then nil
	fresh  *fresh                 // what was recorded since it was last taken; nil unless tracked
}

const longest = time.Hour

// NewHistogram makes an empty histogram. Its memory is about 190 KB of address space, of which only
// what is used becomes resident.
func NewHistogram() *Histogram {
	return &Histogram{hdr: hdrhistogram.New(int64(time.Microsecond), int64(longest), 3)}
}

// newTracked returns an empty histogram that keeps what was recorded since it was last taken.
func newTracked() *Histogram {
	h := NewHistogram()
	h.fresh = newFresh()
	return h
}

// Record counts one duration.
func (h *Histogram) Record(d time.Duration) {
	d = min(max(d, 0), longest)
	if err := h.hdr.RecordValue(int64(d)); err != nil {
		panic("load: a clamped duration is out of range: " + err.Error())
	}
	if h.fresh != nil {
		h.fresh.add(bucketOf(d))
	}
}

// Merge adds another histogram's counts. Merging equals recording together.
func (h *Histogram) Merge(other *Histogram) { h.hdr.Merge(other.whole()) }

// Count returns how many durations were recorded.
func (h *Histogram) Count() uint64 { return uint64(h.whole().TotalCount()) }

// Quantile returns the least bucket's upper bound that a share q (0 to 1) of the durations does not
// exceed, and 0 when there are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	return time.Duration(h.whole().ValueAtQuantile(q * 100))
}

// Max returns the upper bound of the highest populated bucket, and 0 when there is none.
func (h *Histogram) Max() time.Duration {
	if h.Count() == 0 {
		return 0
	}
	return time.Duration(h.whole().Max())
}

// Buckets iterates over the populated buckets from the lowest, with their upper bounds. Of a
// histogram for reading it allocates nothing: it is asked for at every scrape.
func (h *Histogram) Buckets() iter.Seq2[time.Duration, uint64] {
	return func(yield func(time.Duration, uint64) bool) {
		for i, n := range h.counts() {
			if n > 0 && !yield(upper(i), uint64(n)) {
				return
			}
		}
	}
}

const (
	finest = 9  // the finest buckets are 2^9 ns wide, the largest power of two not above a microsecond
	halves = 10 // every doubling has 2^10 buckets, the smallest power of two that keeps three digits
)

// upper returns the highest duration that counts in bucket i: the first 2·2^halves buckets are of
// the finest width, each 2^halves after them twice as wide as those before (HdrHistogram's layout).
func upper(i int) time.Duration {
	doubling, within := i>>halves-1, i&(1<<halves-1)+1<<halves
	if doubling < 0 {
		doubling, within = 0, i
	}
	return time.Duration((int64(within)+1)<<(doubling+finest) - 1)
}

// bucketOf returns the bucket in which d counts: the inverse of [upper].
func bucketOf(d time.Duration) int {
	const mask = 2<<halves<<finest - 1
	doubling := bits.Len64(uint64(d)|mask) - (finest + halves + 1)
	return doubling<<halves + int(d>>(doubling+finest))
}

// clone copies the counts, and no more than them, into a histogram for reading.
func (h *Histogram) clone() *Histogram { return &Histogram{copied: h.hdr.Export()} }

// whole returns the library's histogram; of one for reading it is built anew.
func (h *Histogram) whole() *hdrhistogram.Histogram {
	if h.hdr == nil {
		return hdrhistogram.Import(h.copied)
	}
	return h.hdr
}

// counts returns how many durations are in each bucket.
func (h *Histogram) counts() []int64 {
	if h.hdr == nil {
		return h.copied.Counts
	}
	return h.hdr.Export().Counts
}
