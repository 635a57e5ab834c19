package signals

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

// Count is a number of events or spans with the same labels.
type Count struct {
	Labels []string // name, value, name, value
	N      uint64
}

const (
	maxCounts = 2000 // label sets; a label without bound must not eat the memory
	maxText   = 200  // bytes of a label's value
)

// table counts by labels: begin, label for each of them, count. Nothing is allocated for a label
// set that was seen before.
type table struct {
	rows    map[string]*Count
	order   []*Count
	key     []byte
	dropped uint64 // counted without their labels: there were too many sets
}

func (t *table) begin() { t.key = t.key[:0] }

// label adds a label to the set under way. An empty value is none.
func (t *table) label(name string, value []byte) {
	if len(value) == 0 {
		return
	}
	if !plain(value) {
		value = []byte(clean(value))
	}
	t.key = append(binary.AppendUvarint(t.key, uint64(len(name))), name...)
	t.key = append(binary.AppendUvarint(t.key, uint64(len(value))), value...)
}

// count adds n to the set. Beyond maxCounts the set keeps its first label only, with the value
// "_other".
func (t *table) count(n uint64) {
	row := t.rows[string(t.key)]
	if row == nil {
		row = t.add(parts(t.key))
	}
	row.N += n
}

// ensure has the set counted, if only as 0.
func (t *table) ensure() { t.count(0) }

func (t *table) add(pairs []string) *Count {
	if t.rows == nil {
		t.rows = map[string]*Count{}
	}
	if len(t.rows) >= maxCounts && len(pairs) > 0 {
		t.dropped++
		pairs = []string{pairs[0], "_other"}
		t.begin()
		t.label(pairs[0], []byte(pairs[1]))
		if row := t.rows[string(t.key)]; row != nil {
			return row
		}
	}
	row := &Count{Labels: pairs}
	t.rows[string(t.key)] = row
	t.order = append(t.order, row)
	return row
}

// counts copies what was counted, in the order in which it came.
func (t *table) counts() []Count {
	out := make([]Count, len(t.order))
	for i, row := range t.order {
		out[i] = *row
	}
	return out
}

// parts takes a key apart.
func parts(key []byte) []string {
	var out []string
	for len(key) > 0 {
		n, width := binary.Uvarint(key)
		out = append(out, string(key[width:width+int(n)]))
		key = key[width+int(n):]
	}
	return out
}

// plain reports whether a text can be a label's value as it is.
func plain(text []byte) bool { return len(text) <= maxText && utf8.Valid(text) }

// clean makes untrusted text fit for a label: of bounded length, and valid UTF-8.
func clean(text []byte) string {
	if len(text) > maxText {
		cut := maxText
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		return strings.ToValidUTF8(string(text[:cut]), "\uFFFD") + "…"
	}
	return strings.ToValidUTF8(string(text), "\uFFFD")
}
