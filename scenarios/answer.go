package scenarios

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/theory/jsonpath"

	"brrtload/internal/diag"
)

// Check is something that an answer with an expected status must have. An answer that has it not is
// an error by the check's name.
type Check struct {
	At       diag.Position `yaml:",position"`
	Name     diag.Text     `yaml:"name"`      // names the check in errors; made of the other keys by default
	Header   diag.Text     `yaml:"header"`    // name of a header field: it must be there, and equals, contains and matches are of its value
	JSON     diag.Text     `yaml:"json"`      // JSONPath (RFC 9535) of a value in the body, such as $.items[0].id: it must be there, and equals, contains and matches are of it
	Equals   *diag.Text    `yaml:"equals"`    // the whole value; of a value that is no text its JSON
	Contains diag.Text     `yaml:"contains"`  // part of the value, or of the body
	Matches  diag.Text     `yaml:"matches"`   // regular expression (RE2) that matches part of the value, or of the body
	MinBytes *int64        `yaml:"min_bytes"` // minimum size of the body, in bytes
	MaxBytes *int64        `yaml:"max_bytes"` // maximum size of the body, in bytes

	path    *jsonpath.Path
	pattern *regexp.Regexp
}

// Answer is what a check looks at.
type Answer struct {
	Header func(name string) (value string, ok bool)
	Body   []byte // as it came; its beginning when it is larger than MaxChecked
	Bytes  int64  // of the whole body
}

// MaxChecked is how much of a body is kept for its checks, in bytes.
const MaxChecked = 4 << 20

// resolve compiles the check, and complains of what does not fit.
func (c *Check) resolve(s *Scenario, method string, found *diag.List) {
	complain := func(d diag.Diagnostic) { *found = append(*found, d) }
	var err error
	if c.JSON.Value != "" {
		if c.path, err = jsonpath.Parse(c.JSON.Value); err != nil {
			complain(c.JSON.Errorf("not a JSONPath: %s", strings.TrimPrefix(err.Error(), "jsonpath: ")))
		}
	}
	if c.Matches.Value != "" {
		if c.pattern, err = regexp.Compile(c.Matches.Value); err != nil {
			complain(c.Matches.Errorf("%s", err))
		}
	}
	valued := c.Equals != nil || c.Contains.Value != "" || c.Matches.Value != ""
	switch {
	case c.Header.Value != "" && c.JSON.Value != "":
		complain(c.JSON.Errorf(`a check is of a "header" or of "json": write two checks`))
	case c.Header.Value == "" && c.JSON.Value == "" && !valued && c.MinBytes == nil && c.MaxBytes == nil:
		complain(s.at(c.At, `missing what to check: "header", "json", "equals", "contains", "matches", `+
			`"min_bytes" or "max_bytes"`))
	case c.Header.Value == "" && method == "HEAD":
		complain(s.at(c.At, "an answer to HEAD has no body: only a header field can be checked"))
	}
	if c.Name.Value == "" {
		c.Name.Value = c.described()
	}
}

// described names a check by what it asks for.
func (c *Check) described() string {
	var words []string
	add := func(word string, text diag.Text) {
		if text.Value != "" {
			words = append(words, word, text.Value)
		}
	}
	add("header", c.Header)
	add("json", c.JSON)
	if len(words) == 0 {
		words = append(words, "body")
	}
	if c.Equals != nil {
		words = append(words, "equals", c.Equals.Value)
	}
	add("contains", c.Contains)
	add("matches", c.Matches)
	if c.MinBytes != nil || c.MaxBytes != nil {
		words = append(words, "size")
	}
	return diag.Printable(strings.Join(words, " "))
}

// ReadsBody reports whether a check of the request looks at bodies.
func (r *Request) ReadsBody() bool { return r.readsBody }

// readsBody reports whether the check looks at the body itself.
func (c *Check) readsBody() bool {
	return c.Header.Value == "" && (c.path != nil || c.Equals != nil || c.Contains.Value != "" || c.pattern != nil)
}

// What an answer may be that cannot be checked; it follows the check's name.
const (
	noJSON  = " (the body is not JSON)"
	tooLong = " (the body is larger than 4 MiB)"
)

// Failures lists all that [Request.Fails] may return.
func (r *Request) Failures() (names []string) {
	for i := range r.Checks {
		c := &r.Checks[i]
		if names = append(names, c.Name.Value); c.path != nil {
			names = append(names, c.Name.Value+noJSON)
		}
		if c.readsBody() {
			names = append(names, c.Name.Value+tooLong)
		}
	}
	return names
}

// Fails returns the name of the first check that an answer of an expected status fails, and nothing
// when it passes all.
func (r *Request) Fails(a Answer) string {
	var doc any
	decoded := false
	for i := range r.Checks {
		c := &r.Checks[i]
		if c.path != nil && !decoded {
			decoded = true
			if err := json.Unmarshal(a.Body, &doc); err != nil {
				return c.Name.Value + noJSON
			}
		}
		if c.readsBody() && a.Bytes > int64(len(a.Body)) {
			return c.Name.Value + tooLong
		}
		if !c.holds(a, doc) {
			return c.Name.Value
		}
	}
	return ""
}

// holds reports whether an answer has what the check asks for. Of several values of a JSONPath one
// must do.
func (c *Check) holds(a Answer, doc any) bool {
	if c.MinBytes != nil && a.Bytes < *c.MinBytes || c.MaxBytes != nil && a.Bytes > *c.MaxBytes {
		return false
	}
	switch {
	case c.Header.Value != "":
		value, ok := a.Header(c.Header.Value)
		return ok && c.likes([]byte(value))
	case c.path != nil:
		for _, node := range c.path.Select(doc) {
			if c.likes(written(node)) {
				return true
			}
		}
		return false
	}
	return c.likes(a.Body)
}

// likes reports whether a value is equal, contains and matches what the check says.
func (c *Check) likes(value []byte) bool {
	return (c.Equals == nil || string(value) == c.Equals.Value) &&
		(c.Contains.Value == "" || bytes.Contains(value, []byte(c.Contains.Value))) &&
		(c.pattern == nil || c.pattern.Match(value))
}

// written returns a JSON value as a text: a string is itself.
func written(value any) []byte {
	if text, ok := value.(string); ok {
		return []byte(text)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil // what was decoded can be encoded
	}
	return text
}
