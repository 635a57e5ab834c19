package memory

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"
)

// Bounds on a heaptrack file, in what it may ask to be kept.
const (
	maxLine    = 1 << 20 // bytes
	maxEntries = 1 << 25 // of each table
	maxStrings = 1 << 28 // bytes
	maxSize    = 1 << 47 // of an allocation, in bytes: an address space
	maxSum     = 1 << 62 // of all allocations
	maxFrames  = 512     // of a stack that are looked at
)

// heaptrackVersion is the newest version of the format that is known, of heaptrack 1.4 and later.
const heaptrackVersion = 3

// heaptrackFile is a file of heaptrack as it is read. A line is a letter and hexadecimal numbers.
// Tables are counted from 1: strings (s), instructions (i), stacks as a node and its parent (t);
// from 0: kinds of allocations as a size and a stack (a). Then come events: an allocation (+), one
// that is freed (-), the time since the start in milliseconds (c).
type heaptrackFile struct {
	source
	text []byte // of the line, what is not yet read

	version     int64
	program     string
	strings     []string
	stringBytes int
	ips         []instruction
	stacks      []stackNode
	kinds       []allocation
	modules     map[string]uint64 // where each begins, if that is known
	clock       time.Duration
	last        [2]byte // the letters of the last two lines
	first       int     // allocations of the first kind that live
	attached    bool
	unknown     int           // lines of letters that are not known
	placed      map[int32]int // the place of a stack

	*tallies
}

// instruction is an address with the functions that are inlined there, the innermost first. Numbers
// are of strings; 0 is none.
type instruction struct {
	address uint64
	module  int64
	frames  []struct{ function, file, line int64 }
	judged  []frame // of frames, once they were needed
}

type stackNode struct{ ip, parent int32 }

type allocation struct {
	size  int64
	place int
}

// readHeaptrack reads what heaptrack_interpret wrote. A file that is cut off is read as far as it
// goes; then cut is true. The error is placed in the file named.
func readHeaptrack(name string, r io.Reader, names ...Name) (file *heaptrackFile, cut bool, err error) {
	f := &heaptrackFile{source: source{name: name}, tallies: newTallies(names...), version: -1, modules: map[string]uint64{}, placed: map[int32]int{}}
	if cut, err = f.each(r, f.take); err != nil {
		return nil, false, err
	}
	return f.finished(cut)
}

// finished ends a file. A process that ends by itself writes the time and its size last. Before that
// heaptrack has libstdc++ free what it reserved when it started: the first allocation of all.
func (f *heaptrackFile) finished(cut bool) (*heaptrackFile, bool, error) {
	switch {
	case f.version < 0 && cut:
		return nil, true, f.wrong("the file is cut off in its first line; let the process end by itself")
	case f.version < 0:
		return nil, false, fmt.Errorf("%s: empty file; let the process end by itself", f.name)
	}
	f.keep(f.clock)
	kept := f.first > 0 && f.places[f.kinds[0].place].ofCxx()
	return f, cut || kept || f.last != [2]byte{'c', 'R'}, nil
}

// take reads one line.
func (f *heaptrackFile) take(line []byte) error {
	if len(line) == 0 || line[0] == '#' {
		f.comment(line)
		return nil
	}
	letter := line[0]
	f.last = [2]byte{f.last[1], letter}
	f.text = line[min(len(line), 2):]
	if f.version < 0 {
		if letter != 'v' {
			return f.wrong("want a line \"v VERSION FORMAT\" first; this is no file of heaptrack")
		}
		return f.takeVersion()
	}
	switch letter {
	case '+', '-':
		return f.takeEvent(letter)
	case 'c':
		return f.takeTime()
	case 'a':
		return f.takeAllocation()
	case 't':
		return f.takeStack()
	case 'i':
		return f.takeInstruction()
	case 's':
		return f.takeString()
	case 'X':
		f.program, _, _ = strings.Cut(string(f.text), " ")
	case 'A':
		f.attached = true
	case 'x', 'm':
		return f.wrong("raw data of heaptrack; run `heaptrack_interpret <RAW >FILE` first")
	case 'v':
		return f.wrong("a second line \"v\": two files in one; record it again")
	case 'R', 'I', 'S': // resident pages, the machine, suppressions of a leak checker
	default:
		f.unknown++
	}
	return nil
}

// figures reads numbers that the line must have.
func (f *heaptrackFile) figures(into ...*int64) error {
	for _, n := range into {
		if !f.figure(n) {
			return f.wrong("want %d hexadecimal numbers below 2^63; the file is damaged: record it again", len(into))
		}
	}
	return nil
}

// figure reads the next number of the line, and reports whether there is one that an int64 holds.
func (f *heaptrackFile) figure(into *int64) bool {
	var n uint64
	i := 0
	for ; i < len(f.text) && f.text[i] != ' '; i++ {
		digit := hexDigit(f.text[i])
		if digit > 15 || n>>59 != 0 {
			return false
		}
		n = n<<4 | uint64(digit)
	}
	if i == 0 {
		return false
	}
	f.text = f.text[min(len(f.text), i+1):]
	*into = int64(n)
	return true
}

func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}

func (f *heaptrackFile) takeVersion() error {
	var program, format int64
	if err := f.figures(&program, &format); err != nil {
		return err
	}
	if format < 1 || format > heaptrackVersion {
		return f.wrong("format %d of heaptrack %x; this program reads 1 to %d: use heaptrack 1.1 to 1.5",
			format, program, heaptrackVersion)
	}
	f.version = format
	return nil
}

func (f *heaptrackFile) takeString() error {
	text := f.text
	if f.version >= 3 {
		var size int64
		if err := f.figures(&size); err != nil {
			return err
		}
		if size > int64(len(f.text)) {
			return f.wrong("a string of %d bytes in a line that has %d; the file is damaged: record it again", size, len(f.text))
		}
		text = f.text[:size]
	}
	if f.stringBytes += len(text); f.stringBytes > maxStrings || len(f.strings) >= maxEntries {
		return f.wrong("more than %d bytes, or %d, of names; trace a smaller program", maxStrings, maxEntries)
	}
	f.strings = append(f.strings, string(text))
	return nil
}

func (f *heaptrackFile) takeInstruction() error {
	ip := instruction{}
	var address int64
	if !f.figure(&address) || !f.figure(&ip.module) {
		return f.wrong("want an address and a module; the file is damaged: record it again")
	}
	ip.address = uint64(address)
	for len(f.text) > 0 {
		var frame struct{ function, file, line int64 }
		if err := f.figures(&frame.function); err != nil {
			return err
		}
		if len(f.text) > 0 {
			if err := f.figures(&frame.file, &frame.line); err != nil {
				return err
			}
		}
		ip.frames = append(ip.frames, frame)
		if len(ip.frames) > maxFrames {
			return f.wrong("more than %d functions inlined in one another; the file is damaged: record it again", maxFrames)
		}
	}
	for _, frame := range ip.frames {
		if !f.isString(frame.function) || !f.isString(frame.file) {
			return f.wrong("string %x or %x of %x; the file is damaged: record it again",
				frame.function, frame.file, len(f.strings))
		}
	}
	if !f.isString(ip.module) {
		return f.wrong("string %x of %x; the file is damaged: record it again", ip.module, len(f.strings))
	}
	if len(f.ips) >= maxEntries {
		return f.wrong("more than %d instructions; trace a smaller program", maxEntries)
	}
	f.ips = append(f.ips, ip)
	return nil
}

func (f *heaptrackFile) isString(n int64) bool { return n <= int64(len(f.strings)) }

func (f *heaptrackFile) string(n int64) string {
	if n == 0 {
		return ""
	}
	return f.strings[n-1]
}

func (f *heaptrackFile) takeStack() error {
	var ip, parent int64
	if err := f.figures(&ip, &parent); err != nil {
		return err
	}
	if ip > int64(len(f.ips)) || parent > int64(len(f.stacks)) { // a parent comes before its children
		return f.wrong("instruction %x of %x, or stack %x of %x; the file is damaged: record it again",
			ip, len(f.ips), parent, len(f.stacks))
	}
	if len(f.stacks) >= maxEntries {
		return f.wrong("more than %d stacks; trace a smaller program", maxEntries)
	}
	f.stacks = append(f.stacks, stackNode{int32(ip), int32(parent)})
	return nil
}

func (f *heaptrackFile) takeAllocation() error {
	var size, stack int64
	if err := f.figures(&size, &stack); err != nil {
		return err
	}
	if size > maxSize || stack > int64(len(f.stacks)) || len(f.kinds) >= maxEntries {
		return f.wrong("an allocation of %d bytes by stack %x of %x; the file is damaged: record it again",
			size, stack, len(f.stacks))
	}
	f.kinds = append(f.kinds, allocation{size, f.placeOf(int32(stack))})
	return nil
}

// beyondOwn is how many addresses of a stack are looked at beyond the first that is the program's: it
// may be of the program's own allocator.
const beyondOwn = 16

// placeOf is the number of the place of a stack.
func (f *heaptrackFile) placeOf(stack int32) int {
	if place, known := f.placed[stack]; known {
		return place
	}
	var frames []frame
	left, own := maxFrames, false
	for n := stack; n != 0 && left > 0; n = f.stacks[n-1].parent {
		left--
		ip := f.stacks[n-1].ip
		if ip == 0 {
			continue
		}
		here := f.framesAt(ip)
		frames = append(frames, here...)
		if !own && len(f.names.list) == 0 && slices.ContainsFunc(here, func(f frame) bool { return !f.library }) {
			own, left = true, min(left, beyondOwn)
		}
	}
	place := f.atStack(frames, site)
	f.placed[stack] = place
	return place
}

// framesAt returns the functions at an address, which are judged once.
func (f *heaptrackFile) framesAt(ip int32) []frame {
	of := &f.ips[ip-1]
	if of.judged == nil {
		of.judged = f.framesOf(*of)
	}
	return of.judged
}

func (f *heaptrackFile) framesOf(ip instruction) []frame {
	module := f.string(ip.module)
	if len(ip.frames) == 0 {
		return []frame{frame{module: module, address: f.offset(ip)}.judged()}
	}
	var frames []frame
	for _, in := range ip.frames {
		frames = append(frames, frame{
			function: f.string(in.function), file: f.string(in.file), line: int(in.line), module: module,
		}.judged())
	}
	return frames
}

func (f *heaptrackFile) takeEvent(letter byte) error {
	var kind int64
	if err := f.figures(&kind); err != nil {
		return err
	}
	if kind >= int64(len(f.kinds)) {
		return f.wrong("allocation %x of %x; the file is damaged: record it again", kind, len(f.kinds))
	}
	of := f.kinds[kind]
	if letter == '+' {
		if kind == 0 {
			f.first++
		}
		if f.total.bytes > maxSum-of.size {
			return f.wrong("more than 2^62 bytes allocated; the file is damaged: record it again")
		}
		f.add(of.place, tally{1, of.size, 1, of.size})
		return nil
	}
	if f.now[of.place].live == 0 || f.now[of.place].liveBytes < of.size {
		return f.wrong("more is freed than was allocated; the file is damaged: record it again")
	}
	if kind == 0 {
		f.first--
	}
	f.add(of.place, tally{0, 0, -1, -of.size})
	return nil
}

func (f *heaptrackFile) takeTime() error {
	var stamp int64
	if err := f.figures(&stamp); err != nil {
		return err
	}
	const longest = int64(365 * 24 * time.Hour / time.Millisecond)
	at := time.Duration(stamp) * time.Millisecond
	if stamp > longest || at < f.clock {
		return f.wrong("time %d ms after %s; the file is damaged: record it again", stamp, f.clock)
	}
	f.clock = at
	f.note(at)
	return nil
}

// followed is in words what heaptrack followed.
func (f *heaptrackFile) followed() string {
	if f.program == "" {
		return "one process"
	}
	return inert(path.Base(f.program))
}

// moduleComment begins a comment that says where a module begins: package memory has it written, for
// without it an address in a module that has no symbols says nothing.
const moduleComment = "# module "

func (f *heaptrackFile) comment(line []byte) {
	rest, is := bytes.CutPrefix(line, []byte(moduleComment))
	f.text = rest
	var base int64
	if is && f.figure(&base) && len(f.modules) < maxFrames {
		f.modules[string(f.text)] = uint64(base)
	}
}

// offset is where in its module an instruction is, as +0x1234; empty where that is unknown.
func (f *heaptrackFile) offset(ip instruction) string {
	base, known := f.modules[f.string(ip.module)]
	if !known || ip.address < base {
		return ""
	}
	return fmt.Sprintf("+0x%x", ip.address-base)
}
