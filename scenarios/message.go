package scenarios

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/http/httpguts"
)

// Message is what is sent for a hit, but for the host. It is not changed once made.
type Message struct {
	Method string
	Path   string // with the query, sent as it is
	Header []Field
	Body   []byte
	// Index is the message's place in [Plan.Messages], and -1 for one that was rendered for a
	// single hit.
	Index int
}

// Field is one header field.
type Field struct{ Name, Value string }

// blueprint is a request's message before its templates are rendered.
type blueprint struct {
	method string
	path   text
	query  []part
	header []part
	body   text
}

type part struct {
	name string
	text text
}

// static reports whether every hit gets the same message.
func (b *blueprint) static() bool {
	for _, parts := range [][]part{b.query, b.header} {
		for _, p := range parts {
			if !p.text.static() {
				return false
			}
		}
	}
	return b.path.static() && b.body.static()
}

// render makes the message for one draw, with the field that shows the credential.
func (b *blueprint) render(d *draw, credential []Field) (*Message, error) {
	var path strings.Builder
	var failed error
	fill := func(t text) string {
		s, err := t.render(d)
		if failed == nil {
			failed = err
		}
		return s
	}
	path.WriteString(fill(b.path))
	separator := byte('?')
	if strings.Contains(path.String(), "?") {
		separator = '&'
	}
	for _, q := range b.query {
		path.WriteByte(separator)
		path.WriteString(q.name + "=" + url.QueryEscape(fill(q.text)))
		separator = '&'
	}
	m := &Message{Method: b.method, Path: escapeLetters(path.String()), Body: []byte(fill(b.body)), Index: -1}
	for _, h := range b.header {
		m.Header = append(m.Header, Field{h.name, fill(h.text)})
	}
	m.Header = append(m.Header, credential...)
	if failed == nil {
		failed = m.check()
	}
	return m, failed
}

// check refuses what would break the framing of the request.
func (m *Message) check() error {
	if strings.ContainsFunc(m.Path, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return fmt.Errorf("path %q has a space or a control character; write it percent-encoded", m.Path)
	}
	if strings.Contains(m.Path, "#") {
		return fmt.Errorf("path %q has a fragment, which is not sent to a server; leave it out, or write # as %%23",
			m.Path)
	}
	for _, f := range m.Header {
		if !httpguts.ValidHeaderFieldName(f.Name) || !httpguts.ValidHeaderFieldValue(f.Value) {
			return fmt.Errorf("header %q has a character that no header may have", f.Name)
		}
	}
	return nil
}

// escapeLetters percent-encodes what is not ASCII, which no request line may have. The rest of a
// path stays as it is written.
func escapeLetters(path string) string {
	if !strings.ContainsFunc(path, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return path
	}
	var b strings.Builder
	for i := range len(path) {
		if path[i] < utf8.RuneSelf {
			b.WriteByte(path[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", path[i])
		}
	}
	return b.String()
}
