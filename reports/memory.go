package reports

// Memory is what a tool saw of the target's allocations, from the baseline to the final scrape.
type Memory struct {
	Tool string `json:"tool"` // pprof, heaptrack, dhat, massif
	// Slowed says that the target ran under the tool: times and sizes are of a slowed process.
	Slowed bool `json:"slowed,omitempty"`
	// WholeProcess says that the tool knows totals alone: they are of the whole process, its start
	// included.
	WholeProcess bool         `json:"whole_process,omitempty"`
	Sampled      float64      `json:"sample_bytes,omitempty"` // mean bytes between two samples; 0: every allocation is seen
	Peak         float64      `json:"heap_peak,omitempty"`    // bytes, of the whole process; 0 where the tool does not say
	Hits         uint64       `json:"hits"`                   // that were sent in the window
	Sites        []MemorySite `json:"sites,omitempty"`        // the most bytes first
	Unseen       []string     `json:"unseen,omitempty"`       // what the tool does not see, in words
	Lost         string       `json:"lost,omitempty"`         // why nothing could be read
}

// MemorySite is a function that allocates. A figure that the tool does not record is absent.
type MemorySite struct {
	Function    string   `json:"function"`
	Place       string   `json:"place,omitempty"`       // file and line, or module
	Allocations *float64 `json:"allocations,omitempty"` // in the window
	Bytes       *float64 `json:"bytes,omitempty"`       // allocated in the window
	LiveStart   *float64 `json:"live_start,omitempty"`  // bytes at the start of the window
	LiveEnd     *float64 `json:"live_end,omitempty"`    // bytes at its end
}

// Growth returns by how many bytes the live memory of the site grew, and false where that is not
// known.
func (s MemorySite) Growth() (float64, bool) {
	if s.LiveStart == nil || s.LiveEnd == nil {
		return 0, false
	}
	return *s.LiveEnd - *s.LiveStart, true
}
