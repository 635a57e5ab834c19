package stacks

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"syscall"
)

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

// gone reports that a process has ended.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH)
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

// untraced is why the kinds of stacks are not known.
const untraced = "it may not be traced, so which stacks are threads' is unknown; let brrtload start it, " +
	"or give brrtload CAP_SYS_PTRACE"
