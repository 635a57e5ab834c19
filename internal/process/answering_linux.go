package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Answering returns the processes that answer at a TCP port, sorted, and those of them that have a
// connection: pid and what it started, or with pid 0 any that we may look at. A process that only
// keeps the port open for its children, as a master of workers does, is left out: it has no
// connection. Answering reads the open files of every process it looks at, which takes
// milliseconds.
func Answering(pid, port int) (found, busy []int) {
	network, candidates := pid, family(pid)
	if pid == 0 {
		network, candidates = os.Getpid(), everybody()
	}
	at := sockets(network, port)
	for _, p := range candidates {
		if holds(p, at[listens]) {
			found = append(found, p)
		}
		runtime.Gosched() // hits that have come due leave first
	}
	slices.Sort(found)
	found = slices.Compact(found)
	masters := map[int]bool{}
	for _, p := range found {
		for up := parent(p); up > 1; up = parent(up) {
			masters[up] = true
		}
	}
	busy = among(found, at[established])
	found = slices.DeleteFunc(found, func(p int) bool { return masters[p] && !slices.Contains(busy, p) })
	return found, busy
}

// Connected returns those of the processes that have a connection at a TCP port. A connection may
// last for milliseconds.
func Connected(pids []int, port int) []int {
	if len(pids) == 0 {
		return nil
	}
	return among(pids, sockets(pids[0], port)[established])
}

// among returns those of the processes that have one of the sockets.
func among(pids []int, have links) []int {
	return slices.DeleteFunc(slices.Clone(pids), func(p int) bool { return !holds(p, have) })
}

// everybody lists all processes.
func everybody() []int {
	var all []int
	paths, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range paths {
		if pid, err := strconv.Atoi(filepath.Base(path)); err == nil {
			all = append(all, pid)
		}
	}
	return all
}

// parent returns the process that started another, or 0.
func parent(pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 2 {
		return 0
	}
	n, _ := strconv.Atoi(fields[1])
	return n
}
