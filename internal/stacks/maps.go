package stacks

import (
	"bytes"
	"strconv"
)

// mapping is a stack in an address space, with what lies below it.
type mapping struct {
	start, end uint64
	guard      int64 // size of the inaccessible mapping directly below
}

func (m mapping) size() int64 { return int64(m.end - m.start) }

// maxGuard is the largest guard. A larger inaccessible mapping is memory that an allocator, or a
// Java heap, has reserved: what lies above it is no stack.
const maxGuard = 1 << 20

// guarded lists the anonymous, private, writable mappings that have a guard directly below them,
// and whether a library whose name begins with libjvm is mapped. See proc_pid_maps(5). Lines that
// it cannot read are skipped: it is the kernel that writes them.
func guarded(text []byte) (list []mapping, jvm bool) {
	var below struct {
		end  uint64
		size int64
	}
	for len(text) > 0 {
		line, rest, _ := bytes.Cut(text, []byte("\n"))
		text = rest
		start, end, access, name, ok := mapped(line)
		if !ok {
			below.size = 0
			continue
		}
		jvm = jvm || bytes.Contains(name, []byte("/libjvm."))
		anonymous := len(name) == 0 || bytes.HasPrefix(name, []byte("[anon"))
		switch {
		case anonymous && string(access) == "---p":
			if below.size > 0 && below.end == start { // two kinds of guards beside each other
				below.size += int64(end - start)
			} else {
				below.size = int64(end - start)
			}
			below.end = end
			continue
		case anonymous && string(access) == "rw-p" && below.size > 0 && below.size <= maxGuard && below.end == start:
			list = append(list, mapping{start, end, below.size})
		}
		below.size = 0
	}
	return list, jvm
}

// mapped reads a line such as "7f1c0000-7f1d0000 rw-p 00000000 00:00 0   NAME".
func mapped(line []byte) (start, end uint64, access, name []byte, ok bool) {
	from, rest, one := bytes.Cut(line, []byte("-"))
	to, rest, two := bytes.Cut(rest, []byte(" "))
	access, rest, three := bytes.Cut(rest, []byte(" "))
	if !one || !two || !three {
		return 0, 0, nil, nil, false
	}
	var failed [2]error
	start, failed[0] = strconv.ParseUint(string(from), 16, 64)
	end, failed[1] = strconv.ParseUint(string(to), 16, 64)
	if failed[0] != nil || failed[1] != nil || end <= start {
		return 0, 0, nil, nil, false
	}
	for range 3 { // offset, device, inode
		if _, rest, ok = bytes.Cut(bytes.TrimLeft(rest, " "), []byte(" ")); !ok {
			return start, end, access, nil, true
		}
	}
	return start, end, access, bytes.TrimLeft(rest, " "), true
}
