package signals

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"brrtload/internal/facts"
)

// Screen finds secrets in what a service tells, and takes them out. It keeps where they were found,
// never what they are. It is safe for concurrent use.
type Screen struct {
	forms   [][]byte // of the secrets, the longest first
	secrets int
	owners  map[string]string // by form: what of the scenario it is

	mu    sync.Mutex
	found []facts.Event
}

const (
	shortestSecret = 4   // bytes; shorter texts appear by chance
	maxPlaces      = 100 // reported one by one
)

// elsewhere stands for the places beyond maxPlaces.
const elsewhere = "other places"

// NewScreen looks for texts as they are, and as JSON, Go, logfmt and URLs would write them. Texts
// of fewer than four bytes are not looked for.
func NewScreen(secrets []string) *Screen {
	s := &Screen{owners: map[string]string{}}
	for _, secret := range secrets {
		if len(secret) < shortestSecret {
			continue
		}
		s.secrets++
		for _, form := range forms(secret) {
			if !slices.ContainsFunc(s.forms, func(known []byte) bool { return string(known) == form }) {
				s.forms = append(s.forms, []byte(form))
			}
		}
	}
	slices.SortStableFunc(s.forms, func(a, b []byte) int { return len(b) - len(a) })
	return s
}

// Name maps by text what of the scenario secrets are, such as credentials with their names. It
// returns the screen itself.
func (s *Screen) Name(owners map[string]string) *Screen {
	for secret, owner := range owners {
		for _, form := range forms(secret) {
			s.owners[form] = owner
		}
	}
	return s
}

// forms are the ways in which a text is written down.
func forms(text string) []string {
	all := []string{text, unquote(strconv.Quote(text)), url.QueryEscape(text), url.PathEscape(text)}
	for _, html := range []bool{true, false} {
		var b strings.Builder
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(html)
		if err := encoder.Encode(text); err == nil { // a text can always be encoded
			all = append(all, unquote(strings.TrimSpace(b.String())))
		}
	}
	return all
}

func unquote(quoted string) string { return quoted[1 : len(quoted)-1] }

// Secrets returns how many are looked for.
func (s *Screen) Secrets() int { return s.secrets }

// longest is the length of the longest form, bytes.
func (s *Screen) longest() int {
	if len(s.forms) == 0 {
		return 0
	}
	return len(s.forms[0])
}

// Has reports whether a secret is in the text. It costs some ten nanoseconds a secret and a hundred
// bytes.
func (s *Screen) Has(text []byte) bool {
	for _, form := range s.forms {
		if bytes.Contains(text, form) {
			return true
		}
	}
	return false
}

// Mask puts stars instead of every secret, in place and of the same length, so that what a
// format counts in bytes stays right.
func (s *Screen) Mask(text []byte) {
	for _, form := range s.forms {
		for rest := text; ; {
			at := bytes.Index(rest, form)
			if at < 0 {
				break
			}
			for i := range form {
				rest[at+i] = '*'
			}
			rest = rest[at+len(form):]
		}
	}
}

// Masked returns a copy of a text without secrets.
func (s *Screen) Masked(text string) string {
	b := []byte(text)
	s.Mask(b)
	return string(b)
}

// owner returns what of the scenario the secret in a text is, as far as it is known.
func (s *Screen) owner(text []byte) string {
	for _, form := range s.forms {
		if bytes.Contains(text, form) {
			return s.owners[string(form)]
		}
	}
	return ""
}

// Found keeps that the secret in a text was found at a place, which is masked, and in which line
// when that is known.
func (s *Screen) Found(place string, text []byte, line string) {
	place, owner := clean([]byte(s.Masked(place))), s.owner(text)
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.known(place, owner)
	if i < 0 && len(s.found) >= maxPlaces {
		place, owner, line = elsewhere, "", ""
		i = s.known(place, owner)
	}
	if i < 0 {
		fields := map[string]string{facts.OwnerField: owner, facts.LineField: line}
		maps.DeleteFunc(fields, func(_, value string) bool { return value == "" })
		s.found = append(s.found, facts.Event{Time: time.Now(), Source: facts.FromScreen, Name: place,
			Fields: fields})
		i = len(s.found) - 1
	}
	s.found[i].Count++
}

func (s *Screen) known(place, owner string) int {
	return slices.IndexFunc(s.found, func(e facts.Event) bool { return e.Name == place && e.Fields[facts.OwnerField] == owner })
}

// Events returns an event for every place where a secret was found, with how often.
func (s *Screen) Events() []facts.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.found)
}
