package diag

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"

	"go.yaml.in/yaml/v4"
)

// JSON writes a character beyond the first 65,536 as two escapes, \ud83d\ude00, which YAML refuses.
// While the YAML library reads a text that has such pairs, each half is an escape of a private
// character of the same width, so that places stay right; afterwards the halves become one
// character.
var (
	surrogates  = regexp.MustCompile(`\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}`)
	surrogate   = regexp.MustCompile(`\\u[dD][89a-fA-F][0-9a-fA-F]{2}`)
	privateHalf = regexp.MustCompile(`\\u([eE])([0-7])`)
	private     = regexp.MustCompile(`[\x{E000}-\x{E7FF}]|\\u[eE][0-7]`)
)

// firstHalf is the first surrogate and firstPrivate what stands for it.
const (
	firstHalf    = 0xD800
	firstPrivate = 0xE000
)

// withoutSurrogates returns the text with its pairs written as private characters, and false when
// there are none or the text has private characters itself.
func withoutSurrogates(text []byte) ([]byte, bool) {
	if !surrogates.Match(text) || private.Match(text) {
		return text, false
	}
	return surrogates.ReplaceAllFunc(text, func(pair []byte) []byte {
		out := make([]byte, 0, len(pair))
		for _, half := range [][]byte{pair[:6], pair[6:]} {
			r, _ := strconv.ParseUint(string(half[2:]), 16, 16)
			digits := fmt.Sprintf("%04x", r-firstHalf+firstPrivate)
			if half[2] == 'D' {
				digits = strings.ToUpper(digits)
			}
			out = append(out, `\u`+digits...)
		}
		return out
	}), true
}

// restoreSurrogates undoes what withoutSurrogates did, in every scalar of a tree.
func restoreSurrogates(y *yaml.Node) {
	if y.Kind == scalar && y.Style&yaml.DoubleQuotedStyle != 0 {
		var out []rune
		for _, r := range y.Value {
			if last := len(out) - 1; last >= 0 && isHalf(out[last]) && isHalf(r) {
				out[last] = utf16.DecodeRune(out[last]-firstPrivate+firstHalf, r-firstPrivate+firstHalf)
				continue
			}
			out = append(out, r)
		}
		y.Value = string(out)
	} else if y.Kind == scalar {
		y.Value = privateHalf.ReplaceAllStringFunc(y.Value, func(text string) string {
			d := map[byte]string{'e': "d", 'E': "D"}[text[2]]
			return `\u` + d + string("89abcdef"[text[3]-'0'])
		})
	}
	for _, child := range y.Content {
		restoreSurrogates(child)
	}
}

func isHalf(r rune) bool { return r >= firstPrivate && r < firstPrivate+0x800 }
