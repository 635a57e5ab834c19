package scenarios

import (
	"bytes"
	"encoding/json"
	"math/big"
	"regexp"
	"strings"

	"brrtload/internal/diag"
)

// jsonText returns a YAML value as JSON in the order in which it is written. A number keeps its
// digits, a date is text, and a key is text whatever it looks like. What JSON cannot say is a
// mistake at its place. < and > stay as they are, so that templates stay readable.
func jsonText(n diag.Node) (string, error) {
	var found diag.List
	var b bytes.Buffer
	writeJSON(&b, n, &found)
	return b.String(), found.Err()
}

func writeJSON(b *bytes.Buffer, n diag.Node, found *diag.List) {
	switch {
	case n.IsMapping():
		b.WriteByte('{')
		for i, pair := range n.Pairs(found) {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quoted(pair.Key.Scalar()) + ":")
			writeJSON(b, pair.Value, found)
		}
		b.WriteByte('}')
	case n.IsSequence():
		b.WriteByte('[')
		for i, item := range n.Items() {
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSON(b, item, found)
		}
		b.WriteByte(']')
	default:
		b.WriteString(jsonScalar(n, found))
	}
}

// jsonNumber is a number as JSON writes it. leadingZero, underscored and based are what YAML's
// versions read differently, or JSON does not know.
var (
	jsonNumber  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)
	leadingZero = regexp.MustCompile(`^[-+]?0[0-9_]+$`)
	based       = regexp.MustCompile(`^[-+]?0[xob][0-9a-fA-F]+$`)
)

func jsonScalar(n diag.Node, found *diag.List) string {
	text := n.Scalar()
	refuse := func(format string, args ...any) string {
		*found = append(*found, n.Errorf(format, args...))
		return "null"
	}
	switch tag := n.Tag(); tag {
	case "!!null":
		return "null"
	case "!!bool":
		return strings.ToLower(text)
	case "!!str", "!!timestamp":
		return quoted(text)
	case "!!int", "!!float":
		plain := strings.TrimPrefix(text, "+")
		switch {
		case jsonNumber.MatchString(plain):
			return plain
		case leadingZero.MatchString(text):
			return refuse("%s could be text, an octal or a decimal number; write %q for text, or the number without the zero", text, text)
		case based.MatchString(text):
			if number, ok := new(big.Int).SetString(plain, 0); ok {
				return number.String()
			}
		case strings.HasPrefix(strings.TrimPrefix(plain, "-"), "."):
			if fraction := strings.Replace(plain, ".", "0.", 1); jsonNumber.MatchString(fraction) {
				return fraction
			}
		case strings.HasSuffix(plain, "."):
			if whole := plain + "0"; jsonNumber.MatchString(whole) {
				return whole
			}
		}
		return refuse("JSON has no number %s; write %q for text", text, text)
	default:
		return refuse("JSON has no value of the type %s", tag)
	}
}

// quoted returns a text as a JSON string.
func quoted(text string) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic("brrtload: " + err.Error()) // a text can always be written
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// jsonInQuotes warns of a body under json that is itself JSON in quotes: it is sent as one JSON
// text.
func (r *Request) jsonInQuotes() (warning diag.Diagnostic, found bool) {
	if r.JSON.IsZero() || !r.JSON.IsScalar() || r.JSON.Tag() != "!!str" {
		return diag.Diagnostic{}, false
	}
	text := strings.TrimSpace(r.JSON.Scalar())
	if text == "" || !strings.ContainsRune(`{[`, rune(text[0])) || strings.HasPrefix(text, "{{") ||
		!json.Valid([]byte(text)) {
		return diag.Diagnostic{}, false
	}
	return r.JSON.Errorf(`"json" sends this as one JSON text, with its quotes escaped; leave the quotes out, or use "body"`), true
}
