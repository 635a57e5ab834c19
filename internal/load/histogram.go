package load

import (
	"iter"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Histogram counts durations to three significant digits, between half a microsecond and an hour; what lies beyond is
// counted at the edge. It is not safe for concurrent use.
type Histogram struct{ hdr *hdrhistogram.Histogram }

const longest = time.Hour

// NewHistogram makes an empty histogram. Its memory is about 190 KB of address space, of which only what is used becomes resident.
func NewHistogram() *Histogram {
	return &Histogram{hdrhistogram.New(int64(time.Microsecond), int64(longest), 3)}
}

// Record counts one duration.
func (h *Histogram) Record(d time.Duration) {
	if err := h.hdr.RecordValue(int64(min(max(d, 0), longest))); err != nil {
		panic("load: a clamped duration is out of range: " + err.Error())
	}
}

// Merge adds another histogram's counts. Merging equals recording together.
func (h *Histogram) Merge(other *Histogram) { h.hdr.Merge(other.hdr) }

// Count gives how many durations were recorded.
func (h *Histogram) Count() uint64 { return uint64(h.hdr.TotalCount()) }

// Quantile gives the least bucket's upper bound that a share q (0 to 1) of the durations does not exceed, and 0 when there are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	return time.Duration(h.hdr.ValueAtQuantile(q * 100))
}

// Max gives the upper bound of the highest populated bucket, and 0 when there is none.
func (h *Histogram) Max() time.Duration {
	if h.Count() == 0 {
		return 0
	}
	return time.Duration(h.hdr.Max())
}

// Buckets iterates over the populated buckets from the lowest, with their upper bounds. It allocates 190 KB; the library's own list of
// buckets would be several times that, and is asked for at every scrape.
func (h *Histogram) Buckets() iter.Seq2[time.Duration, uint64] {
	return func(yield func(time.Duration, uint64) bool) {
		for i, n := range h.hdr.Export().Counts {
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

// upper gives the highest duration that counts in bucket i: the first 2·2^halves buckets are of the finest width, each 2^halves after them twice as wide
// as those before (HdrHistogram's layout).
func upper(i int) time.Duration {
	doubling, within := i>>halves-1, i&(1<<halves-1)+1<<halves
	if doubling < 0 {
		doubling, within = 0, i
	}
	return time.Duration((int64(within)+1)<<(doubling+finest) - 1)
}

func (h *Histogram) clone() *Histogram { return &Histogram{h.hdr.Clone()} }
