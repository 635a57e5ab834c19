// Package stacks reads from outside how much of its stacks a process has used.
//
// In go the ids of processes; out come their stacks, grouped by size: how many there are, how much
// of them is resident, and how deep they have been used. A page of a stack that was touched once
// stays resident, so the deepest use is seen later, whenever one looks. The process is not asked
// and need not help. Linux alone has what this needs: /proc/PID/maps and /proc/PID/pagemap.
package stacks

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"
)

// Kind says whose stack a mapping is.
type Kind string

// The kinds of stacks.
const (
	Coroutine Kind = "coroutine" // of a coroutine: its first page was used, and no thread runs on it
	Thread    Kind = "thread"    // of a thread: a thread's stack pointer lies in it
	// Other is neither, as are alternate stacks for signals; or what it is may not be known.
	Other Kind = "other"
)

// Stat is the largest and the median of a group's values, in bytes.
type Stat struct {
	Max    int64 `json:"max"`
	Median int64 `json:"median"`
}

// Group is the stacks of one size and kind. All sizes are in bytes, the guard left out.
type Group struct {
	Size     int64 `json:"size"`
	Kind     Kind  `json:"kind"`
	Guard    int64 `json:"guard"` // of the inaccessible mapping directly below each
	Count    int   `json:"count"`
	Resident Stat  `json:"resident"` // in memory or swapped
	Used     Stat  `json:"used"`     // from the top down to the lowest page, or in a painted stack word, that was used
	Full     int   `json:"full"`     // stacks used down to their last page
	Painted  int   `json:"painted"`  // stacks filled with one word; what was used is read from their content
	// Unread is the number of stacks whose every page is resident and whose content may not be
	// read: whether they are full or painted is unknown. They are not in Used.
	Unread int `json:"unread"`
}

// Sample is one look at the stacks of a few processes.
type Sample struct {
	At     time.Time `json:"at"`
	Groups []Group   `json:"groups"` // the most stacks first
	// Runtime is what the program was built on, as in "may 0.3.51"; empty where it is unknown.
	Runtime string `json:"runtime"`
	// Without are reasons why some of the processes were not looked at.
	Without []string      `json:"without,omitempty"`
	CPU     time.Duration `json:"cpu_nanoseconds"` // that the look took
}

// ErrUnseen is the error of processes whose stacks cannot be seen from outside.
var ErrUnseen = errors.New("no stacks can be seen from outside")

// maxGroups bounds the groups of a sample.
const maxGroups = 16

// stack is one stack as it was seen.
type stack struct {
	mapping
	kind     Kind
	alike    int    // how many of a size there must be for them to be coroutines'; 0: none are
	pages    []bool // touched, from the bottom up
	pageSize int64
	content  content
	used     int64 // by content
}

// content is what the content of a stack whose every page is resident shows.
type content int

const (
	unasked content = iota // some page is not resident
	painted
	full
	unread
)

func (s stack) resident() (bytes int64) {
	for _, touched := range s.pages {
		if touched {
			bytes += s.pageSize
		}
	}
	return bytes
}

// started reports whether the page at the top, where a stack begins, was touched.
func (s stack) started() bool { return len(s.pages) > 0 && s.pages[len(s.pages)-1] }

// marked reports whether the lowest page was touched and the one above it was not. A runtime that
// marks the end of each stack does so: May writes eight words there.
func (s stack) marked() bool { return len(s.pages) > 2 && s.pages[0] && !s.pages[1] }

// depth returns how much of the stack was used, from the top down to the lowest page touched. With
// marks the lowest page does not count while the one above it was not touched.
func (s stack) depth(marks bool) int64 {
	lowest := slices.Index(s.pages, true)
	if marks && s.marked() {
		lowest = 1 + slices.Index(s.pages[1:], true)
		if lowest == 0 {
			return 0
		}
	}
	if lowest < 0 {
		return 0
	}
	return int64(len(s.pages)-lowest) * s.pageSize
}

// grouped returns the stacks by size and kind, the most first.
func grouped(all []stack) []Group {
	bySize := map[int64][]stack{}
	for _, s := range all {
		bySize[s.size()] = append(bySize[s.size()], s)
	}
	type key struct {
		size int64
		kind Kind
	}
	byKind := map[key][]stack{}
	for _, size := range slices.Sorted(maps.Keys(bySize)) {
		kind := kindOf(bySize[size])
		byKind[key{size, kind}] = append(byKind[key{size, kind}], bySize[size]...)
	}
	var groups []Group
	for k, of := range byKind {
		groups = append(groups, group(k.kind, of))
	}
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(b.Size, a.Size))
	})
	return groups[:min(len(groups), maxGroups)]
}

// kindOf returns what stacks of one size are. Threads are recognised by their stack pointers; not
// all of them can be read at any moment, so half are enough. The rest are coroutines' if the runtime
// may have some, there are enough of them, and half of them were begun.
func kindOf(of []stack) Kind {
	threads, begun := 0, 0
	for _, s := range of {
		if s.kind == Other { // unknown of all
			return Other
		}
		if s.kind == Thread {
			threads++
		}
		if s.started() {
			begun++
		}
	}
	switch {
	case 2*threads >= len(of):
		return Thread
	case of[0].alike > 0 && len(of) >= of[0].alike && 2*begun >= len(of):
		return Coroutine
	}
	return Other
}

func group(kind Kind, of []stack) Group {
	g := Group{Size: of[0].size(), Kind: kind, Guard: of[0].guard, Count: len(of)}
	marks := 0
	for _, s := range of {
		if s.marked() {
			marks++
		}
	}
	var resident, used []int64
	for _, s := range of {
		resident = append(resident, s.resident())
		switch s.content {
		case unread:
			g.Unread++
			continue
		case painted:
			g.Painted++
			used = append(used, s.used)
		default:
			used = append(used, s.depth(2*marks >= len(of)))
		}
		if s.pageSize > 0 && used[len(used)-1] > g.Size-s.pageSize {
			g.Full++
		}
	}
	g.Resident, g.Used = statOf(resident), statOf(used)
	return g
}

// statOf sorts its argument.
func statOf(values []int64) Stat {
	if len(values) == 0 {
		return Stat{}
	}
	slices.Sort(values)
	return Stat{Max: values[len(values)-1], Median: values[len(values)/2]}
}
