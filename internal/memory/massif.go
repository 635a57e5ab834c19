package memory

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxSnapshots bounds a file of massif. Massif itself keeps at most 1,000, unless it is asked for
// more.
const maxSnapshots = 1 << 20

// massifFile is a file of massif as it is read. A snapshot is a time, the live bytes, and a tree of
// who allocated them, the innermost function first:
//
//	n2: 4000 (heap allocation functions) malloc/new/new[], --alloc-fns, etc.
//	 n1: 3000 0x1091E4: load (load.c:12)
//	  n0: 3000 0x109200: main (load.c:20)
//	 n0: 1000 in 3 places, all below massif's threshold (1.00%)
type massifFile struct {
	source
	command  string
	unit     time.Duration
	count    int  // snapshots
	trees    int  // that have a tree
	open     bool // a snapshot is not yet complete
	at       time.Duration
	noted    time.Duration // of the last snapshot that counts
	live     int64         // -1: not yet read
	tree     []massifNode
	left     []int // of each depth, the children that are still to come
	nodes    int
	branched bool // the snapshot has a tree
	plain    []massifTotal
	*tallies
}

// massifTotal is a snapshot without its tree.
type massifTotal struct {
	at   time.Duration
	live int64
}

// massifNode is on the way from the root to the line that was read.
type massifNode struct {
	bytes int64
	frame frame
	known int64 // bytes of the lines below it
}

// readMassif reads a file of massif. Of one that is cut off, what comes before the last whole
// snapshot is read; then cut is true.
func readMassif(name string, r io.Reader, names ...Name) (file *massifFile, cut bool, err error) {
	f := &massifFile{source: source{name: name}, tallies: newTallies(names...), live: Unknown}
	if cut, err = f.each(r, func(line []byte) error { return f.take(string(line)) }); err != nil {
		return nil, false, err
	}
	return f.finished(cut)
}

func (f *massifFile) finished(cut bool) (*massifFile, bool, error) {
	if f.open && !cut && len(f.left) == 0 {
		f.complete()
	}
	cut = cut || f.open
	if f.count == 0 {
		return nil, cut, f.wrong("no snapshot; the process was killed, or this is no file of massif: " +
			"let the process end by itself")
	}
	if f.trees == 0 { // --detailed-freq was too large for so short a time
		other := f.tallies.at(rest)
		for _, snapshot := range f.plain {
			f.add(other, tally{liveBytes: snapshot.live - f.now[other].liveBytes})
			f.note(snapshot.at)
		}
	}
	f.keep(f.noted)
	return f, cut, nil
}

func (f *massifFile) take(line string) error {
	switch key, value, _ := strings.Cut(line, "="); {
	case f.line == 1:
		if !strings.HasPrefix(line, "desc:") {
			return f.wrong("want a line \"desc: …\" first; this is no file of massif")
		}
	case len(f.left) > 0:
		return f.takeNode(line)
	case strings.HasPrefix(line, "#"):
	case strings.HasPrefix(line, "cmd: "):
		f.command = strings.TrimPrefix(line, "cmd: ")
	case strings.HasPrefix(line, "time_unit: "):
		if unit := strings.TrimPrefix(line, "time_unit: "); unit != "ms" {
			return f.wrong("time unit %q; run massif with --time-unit=ms", inert(unit))
		}
		f.unit = time.Millisecond
	case f.unit == 0:
		return f.wrong("no line \"time_unit: ms\" before the first snapshot; this is no file of massif")
	case key == "snapshot":
		if f.open {
			f.complete()
		}
		if f.count++; f.count > maxSnapshots {
			return f.wrong("more than %d snapshots; use --max-snapshots", maxSnapshots)
		}
		f.open, f.live, f.branched = true, Unknown, false
	case key == "time":
		return f.takeTime(value)
	case key == "mem_heap_B":
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 || n > maxSum {
			return f.wrong("mem_heap_B %q; want a number from 0 to 2^62: the file is damaged, record it again", inert(value))
		}
		f.live = n
	case key == "mem_heap_extra_B", key == "mem_stacks_B":
	case key == "heap_tree" && (value == "detailed" || value == "peak"):
		if f.live == Unknown {
			return f.wrong("a heap_tree before mem_heap_B; the file is damaged: record it again")
		}
		f.branched = true
		f.tree, f.left = f.tree[:0], append(f.left[:0], 1)
	case key == "heap_tree" && value == "empty":
	default:
		return f.wrong("unknown line %q; the file is damaged: record it again", inert(line))
	}
	return nil
}

func (f *massifFile) takeTime(value string) error {
	const longest = int64(365 * 24 * time.Hour / time.Millisecond)
	n, err := strconv.ParseInt(value, 10, 64)
	at := time.Duration(n) * time.Millisecond
	if err != nil || n < 0 || n > longest || at < f.at {
		return f.wrong("time %q; want milliseconds that do not fall: the file is damaged, record it again", inert(value))
	}
	f.at = at
	return nil
}

// takeNode reads a line of a tree: " n2: 4000 0x1091E4: load (load.c:12)", with a blank a level.
func (f *massifFile) takeNode(line string) error {
	text := strings.TrimLeft(line, " ")
	depth := len(line) - len(text)
	head, about, found := strings.Cut(text, ": ")
	figure, what, _ := strings.Cut(about, " ")
	children, err := strconv.ParseInt(strings.TrimPrefix(head, "n"), 10, 32)
	bytes, wrong := strconv.ParseInt(figure, 10, 64)
	if !found || err != nil || wrong != nil || children < 0 || bytes < 0 || depth != len(f.left)-1 || head[:1] != "n" {
		return f.wrong("line of a tree %q; want \"nCHILDREN: BYTES FUNCTION\" with %d blanks before it: "+
			"the file is damaged, record it again", inert(line), len(f.left)-1)
	}
	if depth > maxFrames {
		return f.wrong("more than %d functions deep; run massif with a smaller --depth", maxFrames)
	}
	if f.nodes++; f.nodes > maxEntries {
		return f.wrong("more than %d lines of trees; use --max-snapshots", maxEntries)
	}
	f.tree = append(f.tree[:depth], massifNode{bytes: bytes, frame: frame{function: what}})
	if depth == 0 && bytes != f.live {
		return f.wrong("a tree of %d bytes in a snapshot of %d; the file is damaged: record it again", bytes, f.live)
	} else if depth == 0 {
		f.begin()
	} else if bytes > f.tree[depth-1].bytes-f.tree[depth-1].known {
		return f.wrong("%d bytes below a line of %d; the file is damaged: record it again", bytes, f.tree[depth-1].bytes)
	} else {
		f.tree[depth-1].known += bytes
		f.give(depth, children == 0)
	}
	f.left[depth]--
	if children > 0 {
		f.left = append(f.left, int(children))
		return nil
	}
	for len(f.left) > 0 && f.left[len(f.left)-1] == 0 {
		f.left = f.left[:len(f.left)-1]
	}
	return nil
}

// begin forgets the tree before this one.
func (f *massifFile) begin() {
	for place, now := range f.now {
		if now.liveBytes != 0 {
			f.add(place, tally{liveBytes: -now.liveBytes})
		}
	}
}

// give gives what a line at the end of its way has to a place. A line that sums small ones belongs to
// the place of the line above it, where that way has a function that is no library's, and to [Other]
// elsewhere.
func (f *massifFile) give(depth int, leaf bool) {
	node := &f.tree[depth]
	summed := !strings.HasPrefix(node.frame.function, "0x")
	if !summed {
		node.frame = valgrindFrame(node.frame.function)
	}
	if !leaf {
		return
	}
	stack := make([]frame, 0, depth)
	for _, n := range f.tree[1 : depth+1] {
		stack = append(stack, n.frame)
	}
	if summed {
		stack = stack[:depth-1]
		if !slices.ContainsFunc(beyondAllocator(stack), func(f frame) bool { return !f.library }) {
			f.add(f.tallies.at(rest), tally{liveBytes: node.bytes})
			return
		}
	}
	f.add(f.atStack(stack, site), tally{liveBytes: node.bytes})
}

// complete ends a snapshot. What its tree gave to no place counts for [Other]. A snapshot without a
// tree counts for the peak alone, unless no snapshot has one.
func (f *massifFile) complete() {
	f.open = false
	if f.live == Unknown {
		return
	}
	f.peak = max(f.peak, f.live)
	if !f.branched {
		if f.trees == 0 {
			f.plain, f.noted = append(f.plain, massifTotal{f.at, f.live}), f.at
		}
		return
	}
	f.trees++
	f.plain, f.noted = nil, f.at
	f.add(f.tallies.at(rest), tally{liveBytes: f.live - f.total.liveBytes})
	f.note(f.at)
}
