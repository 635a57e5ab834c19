package stacks

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// How much is read at most.
const (
	maxMaps    = 32 << 20  // bytes of /proc/PID/maps; the kernel's usual limit of 65,530 mappings needs 6 MB
	maxThreads = 4096      // threads whose stack pointers are read
	maxContent = 16 << 20  // bytes of painted stacks in a usual look; the others keep what they had
	allContent = 512 << 20 // and in a whole one
)

// Watcher looks at the stacks of processes again and again. It is for one goroutine at a time.
type Watcher struct {
	processes map[int]*watched
	text      []byte // of pagemap, used again
	turn      int    // painted stacks that were looked at, so that each has its turn
}

// NewWatcher returns a watcher, to be closed.
func NewWatcher() *Watcher { return &Watcher{processes: map[int]*watched{}} }

// Close closes the files of the processes.
func (w *Watcher) Close() {
	for pid := range w.processes {
		w.forget(pid)
	}
}

func (w *Watcher) forget(pid int) {
	p := w.processes[pid]
	delete(w.processes, pid)
	for _, file := range []*os.File{p.pagemap, p.mem} {
		if file != nil {
			_ = file.Close()
		}
	}
}

// Look reads the stacks of the processes that list gives. Those that have ended are left out, and
// those whose stacks cannot be seen are named in the sample. The error says that none could be
// looked at, and what to do. A whole look reads all painted stacks; another one reads some of them,
// by turns. With 1,000 stacks of 256 KiB it costs about 10 ms of CPU.
func (w *Watcher) Look(list func() []int, whole bool) (Sample, error) {
	runtime.LockOSThread() // its CPU time is measured
	defer runtime.UnlockOSThread()
	began := threadCPU()
	pids := list()
	sample := Sample{At: time.Now()}
	for pid := range w.processes {
		if !slices.Contains(pids, pid) {
			w.forget(pid)
		}
	}
	var all []stack
	var failed []error
	seen := 0
	room := maxContent
	if whole {
		room = allContent
	}
	for _, pid := range pids {
		stacks, p, err := w.look(pid, &room)
		switch {
		case gone(err):
		case err != nil:
			failed = append(failed, err)
		case p.why != "":
			sample.Without = append(sample.Without, fmt.Sprintf("process %d: %s", pid, p.why))
		default:
			seen++
			if p.blind {
				sample.Without = append(sample.Without, fmt.Sprintf("process %d: %s", pid, untraced))
			}
			sample.Runtime = better(sample.Runtime, p.built)
			all = append(all, stacks...)
		}
	}
	for _, err := range failed {
		sample.Without = append(sample.Without, err.Error())
	}
	sample.Groups = grouped(all)
	sample.CPU = threadCPU() - began
	switch {
	case seen > 0:
		return sample, nil
	case len(failed) > 0:
		return sample, errors.Join(failed...)
	case len(sample.Without) > 0:
		return sample, fmt.Errorf("%w: %s", ErrUnseen, strings.Join(sample.Without, "; "))
	}
	return sample, fmt.Errorf("no such process: %w", os.ErrProcessDone)
}

func better(one, other string) string {
	if one == "" {
		return other
	}
	return one
}

// look reads the stacks of one process; room is how much content may still be read.
func (w *Watcher) look(pid int, room *int) ([]stack, *watched, error) {
	p, err := w.open(pid)
	if err != nil || p.why != "" {
		return nil, p, err
	}
	text, err := readAll(fmt.Sprintf("/proc/%d/maps", pid), maxMaps)
	if err != nil {
		w.forget(pid)
		return nil, p, denied(pid, err)
	}
	if len(text) == 0 { // a process that has ended and is not waited for yet
		w.forget(pid)
		return nil, p, syscall.ESRCH
	}
	mappings, jvm := guarded(text)
	if jvm {
		p.built = java
	}
	w.threads(pid, p, mappings)
	page := int64(os.Getpagesize())
	list := make([]stack, 0, len(mappings))
	for _, m := range mappings {
		s := stack{mapping: m, kind: p.kind(m.start), alike: alike(p.built), pageSize: page}
		if s.pages, err = w.touched(p, m, page); err != nil {
			return nil, p, denied(pid, err)
		}
		list = append(list, s)
	}
	w.contents(p, list, room)
	return list, p, nil
}

// threadCPU returns the CPU time of this thread.
func threadCPU() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
