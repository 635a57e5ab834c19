// Package memory reads what a memory profiler saw of a process from outside.
//
// In goes a command, which [Tool.Wrap] puts under a tool, and the directory that the tool writes its
// files to; out comes a [Profile]: how much each function allocated, at moments since the process
// started. The process is not asked. What becomes of a profile is package run's.
package memory

import (
	"slices"
	"time"
)

// Tool is a memory profiler.
type Tool string

// The tools.
const (
	Pprof     Tool = "pprof"     // profiles in pprof's format or as heap_v2, fetched over HTTP
	Heaptrack Tool = "heaptrack" // every call of malloc and its kin, with times
	DHAT      Tool = "dhat"      // valgrind: every call, as totals at the end
	Massif    Tool = "massif"    // valgrind: live bytes, as snapshots
)

// Tools lists the tools, the cheapest for the process first.
func Tools() []Tool { return slices.Clone(tools) }

var tools = []Tool{Pprof, Heaptrack, DHAT, Massif}

// Profile is what a tool saw of a process's allocations.
type Profile struct {
	Tool Tool
	// Start is when the process started. It is zero where the file has no wall time: heaptrack, DHAT
	// and massif count from the start of the process, and only who started it knows when that was.
	Start time.Time
	// Sites are the functions that allocate, the most bytes first: at most [MaxSites], and one of
	// the name [Other] that sums the rest. No two have the same Function.
	Sites []Site
	Total []Point // of all sites
	Peak  int64   // of the heap, in bytes, as the tool recorded it; 0: not recorded
	// Sampled is the mean number of bytes between two samples; 0: every allocation is seen.
	Sampled int64
	// Unseen has a sentence, without its full stop, on each thing that the tool did not see, or saw
	// otherwise than a reader may think.
	Unseen []string
}

// MaxSites bounds the sites of a profile; [Other] comes on top.
const MaxSites = 20

// Other is the Function of the site that sums those that are not listed.
const Other = "other"

// Site is a place in the program that allocates: the innermost function that is not of an allocator
// or of a language's library. Its texts have no control characters and are at most 200 bytes long.
type Site struct {
	// Function is the demangled name; in a stripped program its module and the offset in it.
	Function string
	// Place is file:line of most of its bytes, or the module; empty for [Other].
	Place string
	// Points are at the same moments as the profile's Total.
	Points []Point
}

// Point is a site's totals since the process started, at a moment. A figure that the tool does not
// record is [Unknown]: massif has LiveBytes alone.
type Point struct {
	At          time.Duration // since the process started, or [AtEnd]
	Allocations int64         // calls that returned memory
	Bytes       int64         // that they asked for
	Live        int64         // allocations that are not freed
	LiveBytes   int64         // of these
}

// Unknown is a figure that a tool does not record.
const Unknown = -1

// AtEnd is the moment of a point that is known to be the end of the process, and no more: DHAT
// counts instructions, not time.
const AtEnd time.Duration = -1
