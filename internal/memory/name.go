package memory

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/ianlancetaylor/demangle"
)

// maxMangled bounds the names that are demangled, in bytes: what a short one stands for may be very
// long.
const maxMangled = 4096

// readable returns a function's name as its source has it: demangled, without the type of what it
// returns, the hash of a Rust compiler and the version of a symbol.
func readable(name string) string {
	if len(name) > maxMangled {
		name = name[:maxMangled]
	}
	switch {
	case strings.HasPrefix(name, "_R"), strings.HasPrefix(name, "_Z"), strings.HasPrefix(name, "__Z"):
		name = demangle.Filter(name, demangle.NoClones, demangle.MaxLength(12)) // at most 4 KiB
	case strings.Contains(name, "$") && rustHash.MatchString(name):
		name = halfMangled(name)
	}
	name = rustHash.ReplaceAllString(name, "")
	name, _, _ = strings.Cut(name, "@@")
	return withoutReturned(name)
}

// rustHash is what older Rust compilers put at the end of each name.
var rustHash = regexp.MustCompile(`::h[0-9a-f]{16}$`)

// halfMangled reads an older Rust name that was demangled as if it were C++: its parts are
// separated, but each is still encoded, as in _$LT$T$u20$as$u20$core..fmt..Debug$GT$::fmt.
func halfMangled(name string) string {
	var whole strings.Builder
	whole.WriteString("_ZN")
	for _, part := range strings.Split(name, "::") {
		whole.WriteString(strconv.Itoa(len(part)) + part)
	}
	whole.WriteString("E")
	if text, err := demangle.ToString(whole.String(), demangle.MaxLength(12)); err == nil {
		return text
	}
	return name
}

// withoutReturned drops the type that a demangled instance of a C++ template begins with, as in
// "std::vector<int>* list<int>(int)".
func withoutReturned(name string) string {
	if !strings.HasSuffix(name, ")") && !strings.HasSuffix(name, ") const") {
		return name
	}
	depth, from := 0, 0
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case '<', '[', '{':
			depth++
		case '>', ']', '}':
			depth--
		case '(':
			if depth == 0 && i > from && !strings.HasPrefix(name[i:], "(anonymous namespace)") {
				return name[from:]
			}
			depth++
		case ')':
			depth--
		case ' ':
			if depth == 0 && !strings.HasSuffix(name[:i], "operator") && !strings.HasPrefix(name[from:], "operator") {
				from = i + 1
			}
		}
		if depth < 0 { // operator> and its kin
			return name
		}
	}
	return name
}
