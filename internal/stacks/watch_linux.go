package stacks

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
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

// watched is a process with its files.
type watched struct {
	built   string // the runtime
	why     string // why it is not looked at
	pagemap *os.File
	mem     *os.File          // nil when it may not be read
	looks   map[uint64]*looks // by the start of the mapping
	blind   bool              // the stack pointers of its threads may not be read
	marks   map[uint64]int64  // what painted stacks had used, when they last had their turn
}

// looks is how often a mapping was looked at, and how often a thread's stack pointer lay in it.
type looks struct{ all, threads int }

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
// looked at, and what to do. A whole look reads all painted stacks; another one reads some of them, by turns. With 1,000
// stacks of 256 KiB it costs about 10 ms of CPU.
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

// untraced is why the kinds of stacks are not known.
const untraced = "it may not be traced, so which stacks are threads' is unknown; let brrtload start it, " +
	"or give brrtload CAP_SYS_PTRACE"

func better(one, other string) string {
	if one == "" {
		return other
	}
	return one
}

// gone reports that a process has ended.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH)
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

// open returns the files of a process.
func (w *Watcher) open(pid int) (*watched, error) {
	if p := w.processes[pid]; p != nil {
		return p, nil
	}
	p := &watched{looks: map[uint64]*looks{}, marks: map[uint64]int64{}}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err != nil {
		return p, err
	}
	program := fmt.Sprintf("/proc/%d/exe", pid)
	if _, err := os.Readlink(program); err != nil {
		return p, denied(pid, err)
	}
	isGo := false
	if p.built, isGo = built(program); isGo {
		p.why = goStacks
		w.processes[pid] = p
		return p, nil
	}
	var err error
	if p.pagemap, err = os.Open(fmt.Sprintf("/proc/%d/pagemap", pid)); err != nil {
		return p, denied(pid, err)
	}
	p.mem, _ = os.Open(fmt.Sprintf("/proc/%d/mem", pid)) // without it painted stacks are unread
	w.processes[pid] = p
	return p, nil
}

// denied says what to do about a process that may not be looked at.
func denied(pid int, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("the stacks of process %d may not be read: %w; "+
			"run brrtload as the user of the process, or give it CAP_SYS_PTRACE", pid, err)
	}
	if gone(err) {
		return err
	}
	return fmt.Errorf("the stacks of process %d: %w", pid, err)
}

// touched reads which pages of a mapping are in memory or swapped: bits 63 and 62, see the kernel's
// Documentation/admin-guide/mm/pagemap.rst.
func (w *Watcher) touched(p *watched, m mapping, page int64) ([]bool, error) {
	const entry = 8
	n := int(m.size() / page)
	w.text = slices.Grow(w.text[:0], n*entry)[:n*entry]
	text := w.text
	read, err := p.pagemap.ReadAt(text, int64(m.start)/page*entry)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if read == 0 { // the process has ended
		return nil, syscall.ESRCH
	}
	pages := make([]bool, n)
	for i := range read / entry {
		pages[i] = binary.NativeEndian.Uint64(text[i*entry:])>>62 != 0
	}
	return pages, nil
}

// contents looks into the stacks whose every page is resident, the next in turn first.
func (w *Watcher) contents(p *watched, list []stack, room *int) {
	var whole []int
	for i, s := range list {
		if !slices.Contains(s.pages, false) {
			whole = append(whole, i)
		}
	}
	looked := 0
	for i := range whole {
		s := &list[whole[(w.turn+i)%len(whole)]]
		if int(s.size()) > *room {
			s.keep(p.marks)
			continue
		}
		looked++
		s.look(p.mem, room)
		if s.content == painted {
			p.marks[s.start] = s.used
		} else {
			delete(p.marks, s.start)
		}
	}
	w.turn += looked
}

// keep gives a stack what it had when it was last looked into.
func (s *stack) keep(marks map[uint64]int64) {
	s.content = unread
	if used, known := marks[s.start]; known {
		s.content, s.used = painted, used
	}
}

// look reads a stack from the bottom up, until a word differs from the first.
func (s *stack) look(mem *os.File, room *int) {
	s.content = unread
	if mem == nil {
		return
	}
	const piece = 64 << 10
	text := make([]byte, min(piece, s.size()))
	var of uint64
	painting := int64(0)
	for painting < s.size() {
		n, err := mem.ReadAt(text[:min(int64(len(text)), s.size()-painting)], int64(s.start)+painting)
		*room -= n
		if n < word || err != nil {
			return
		}
		if painting == 0 {
			of = binary.NativeEndian.Uint64(text)
		}
		same := run(text[:n], of)
		painting += int64(same)
		if same < n {
			break
		}
	}
	clear(text) // it is the service's own
	s.content, s.used = painted, s.size()-painting
	if painting < leastPaint*word {
		s.content, s.used = full, s.size()
	}
}

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

func readAll(path string, most int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(file, most+1))
	if int64(len(text)) > most {
		return nil, fmt.Errorf("%s is longer than %d MiB", path, most>>20)
	}
	return text, err
}

// threadCPU returns the CPU time of this thread.
func threadCPU() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
