package pace

// shard is which hits of a schedule are sent by one of several generators. The zero value is all of
// them.
type shard struct{ index, of uint64 }

// Shard returns the schedule of one of several generators: its hit n is hit index + n × of of this
// one, due when that is. The hits of all shards together are those of this schedule, each once. A
// schedule with a closed loop cannot be shared out: its hits have no due times. Nor can a shard.
func (s Schedule) Shard(index, of uint64) Schedule {
	s.shard = shard{index, of}
	return s
}

// Number returns the number in the whole schedule of hit n of a shard.
func (s Schedule) Number(n uint64) uint64 {
	if s.shard.of == 0 {
		return n
	}
	return s.shard.index + n*s.shard.of
}

func (s shard) hits(all uint64) uint64 {
	switch {
	case s.of == 0:
		return all
	case all <= s.index:
		return 0
	}
	return (all-s.index-1)/s.of + 1
}

// peak rounds up: a limit that is set by it must not be too low.
func (s shard) peak(all Rate) Rate {
	if s.of == 0 {
		return all
	}
	return (all + Rate(s.of) - 1) / Rate(s.of)
}
