package record

import (
	"fmt"

	"brrtload/internal/evidence"
)

// AddShards adds of how many shards a merged run is.
func AddShards(b *evidence.Batch, of uint64) { b.Add(Named(seriesShards), float64(of)) }

// AddClock adds by how many seconds a shard's clock was ahead of shard 0's.
func AddClock(b *evidence.Batch, index uint64, offset float64) {
	b.Add(Named(seriesClockOffset, "shard", fmt.Sprint(index)), offset)
}
