package stacks

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// looks is how often a mapping was looked at, and how often a thread's stack pointer lay in it.
type looks struct{ all, threads int }

// kind returns whose stack a mapping is, as far as its thread tells. A thread that runs at the
// moment shows no stack pointer; one that is in a system call may be there for a coroutine. So a
// quarter of the looks decide.
func (p *watched) kind(start uint64) Kind {
	if p.blind {
		return Other
	}
	if l := p.looks[start]; l != nil && 4*l.threads >= l.all {
		return Thread
	}
	return ""
}

// threads finds the mappings in which a thread's stack pointer lies.
func (w *Watcher) threads(pid int, p *watched, mappings []mapping) {
	kept := map[uint64]*looks{}
	for _, m := range mappings {
		l := p.looks[m.start]
		if l == nil {
			l = &looks{}
		}
		l.all++
		kept[m.start] = l
	}
	p.looks = kept
	p.blind = false
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/syscall", pid))
	for _, path := range tasks[:min(len(tasks), maxThreads)] {
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrPermission) {
			p.blind = true
			return
		}
		if err != nil {
			continue // it has just ended
		}
		// "NUMBER ARGUMENTS… SP PC", or "running"; see proc_pid_syscall(5)
		fields := strings.Fields(string(text))
		if len(fields) < 3 {
			continue
		}
		sp, err := strconv.ParseUint(strings.TrimPrefix(fields[len(fields)-2], "0x"), 16, 64)
		if err != nil {
			continue
		}
		if i, in := slices.BinarySearchFunc(mappings, sp, func(m mapping, at uint64) int {
			switch {
			case m.end <= at:
				return -1
			case m.start > at:
				return 1
			}
			return 0
		}); in {
			p.looks[mappings[i].start].threads++
		}
	}
}
