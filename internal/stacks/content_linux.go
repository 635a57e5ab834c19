package stacks

import (
	"encoding/binary"
	"os"
	"slices"
)

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
