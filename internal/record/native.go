package record

import (
	"math"
	"slices"
	"sync"

	"github.com/prometheus/prometheus/model/histogram"

	"brrtload/internal/load"
)

// nativeSchema sets the resolution of client histograms in the evidence: bucket bounds grow by
// 2^(1/64), so that a quantile read from one is within 0.6 % of the ledger's own.
const nativeSchema = 6

// doubling is the number of native buckets between a value and its double.
const doubling = 1 << nativeSchema

// block is the number of neighbouring native buckets that a histogram gets at once.
const block = 1 << blockBits

const blockBits = 6

// nativeIndex returns, for each of the ledger's buckets, the native bucket of its upper bound.
var nativeIndex = sync.OnceValue(func() []int32 {
	indices := make([]int32, load.Buckets)
	for i := range indices {
		indices[i] = int32(math.Ceil(math.Log2(load.Upper(i).Seconds()) * doubling))
	}
	return indices
})

// Native is a Prometheus native histogram that grows by what was recorded since the last look. The
// zero value is empty.
//
// Its buckets come in blocks, with zeros where nothing was counted: were the layout to follow each
// newly filled bucket, the store would write the chunk under way anew each time. Larger blocks cost
// more in every sample, smaller ones more often a chunk. The store keeps the newest histogram that
// it was given, so two take turns.
type Native struct {
	turns  [2]histogram.Histogram
	turn   int
	blocks []int32 // the blocks there are, sorted: b has the native buckets from b × block
}

// add returns the histogram with the changes taken in, for the store to read until the next call
// but one. The sum is exact only to the resolution of the ledger. It allocates when a block is new.
func (n *Native) add(changes []load.Change) *histogram.Histogram {
	last := &n.turns[n.turn]
	n.turn = 1 - n.turn
	h := &n.turns[n.turn]
	buckets := append(h.PositiveBuckets[:0], last.PositiveBuckets...)
	*h = *last
	h.PositiveBuckets = buckets
	h.Schema, h.ZeroThreshold = nativeSchema, 1e-12
	index := nativeIndex()
	for _, c := range changes {
		h.Count += uint64(c.Count)
		h.Sum += load.Upper(c.Bucket).Seconds() * float64(c.Count)
		at := n.place(h, index[c.Bucket])
		h.PositiveBuckets[at] += int64(c.Count) // a bucket is stored as its difference to the one before
		if at+1 < len(h.PositiveBuckets) {
			h.PositiveBuckets[at+1] -= int64(c.Count)
		}
	}
	return h
}

// Growth is a native bucket that counts more.
type Growth struct {
	Bucket int32
	By     int64
}

// Shift returns the histogram with so many more in each native bucket, and with these totals, as
// [native.add] does.
func (n *Native) Shift(more []Growth, count uint64, sum float64) *histogram.Histogram {
	h := n.add(nil)
	for _, g := range more {
		at := n.place(h, g.Bucket)
		h.PositiveBuckets[at] += g.By
		if at+1 < len(h.PositiveBuckets) {
			h.PositiveBuckets[at+1] -= g.By
		}
	}
	h.Count, h.Sum = count, sum
	return h
}

// place returns where in the list of buckets a native bucket stands, and makes room for its block.
func (n *Native) place(h *histogram.Histogram, index int32) int {
	b := index >> blockBits
	at, known := slices.BinarySearch(n.blocks, b)
	if !known {
		n.blocks = slices.Insert(n.blocks, at, b)
		n.widen(h, at*block)
	}
	return at*block + int(index-b*block)
}

// widen puts a block of empty buckets at a place in the list, and writes the spans anew.
func (n *Native) widen(h *histogram.Histogram, at int) {
	var before int64 // what the bucket before the place counts
	for _, difference := range h.PositiveBuckets[:at] {
		before += difference
	}
	h.PositiveBuckets = slices.Insert(h.PositiveBuckets, at, make([]int64, block)...)
	h.PositiveBuckets[at] = -before
	if after := at + block; after < len(h.PositiveBuckets) {
		h.PositiveBuckets[after] += before
	}
	h.PositiveSpans = nil // the histogram whose turn it was before keeps its own
	next := int32(0)
	for _, b := range n.blocks {
		first := b * block
		if last := len(h.PositiveSpans) - 1; last >= 0 && first == next {
			h.PositiveSpans[last].Length += block
		} else {
			h.PositiveSpans = append(h.PositiveSpans, histogram.Span{Offset: first - next, Length: block})
		}
		next = first + block
	}
}

// quantile returns the upper bound, in seconds, of the bucket below which a share q of what several
// histograms counted lies, and 0 when they counted nothing.
func quantile(q float64, of ...*Native) float64 {
	counts := map[int32]int64{}
	var all uint64
	for _, n := range of {
		h := &n.turns[n.turn]
		all += h.Count
		for bucket := h.PositiveBucketIterator(); bucket.Next(); {
			if b := bucket.At(); b.Count > 0 {
				counts[b.Index] += int64(b.Count)
			}
		}
	}
	indices := make([]int32, 0, len(counts))
	for index := range counts {
		indices = append(indices, index)
	}
	slices.Sort(indices)
	left := int64(math.Ceil(q * float64(all)))
	for _, index := range indices {
		if left -= counts[index]; left <= 0 {
			return math.Exp2(float64(index) / doubling)
		}
	}
	return 0
}
