package diag

import (
	"regexp"
	"strings"
)

// Pattern is a regular expression that must match a text as a whole.
type Pattern struct{ Expr *regexp.Regexp }

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *Pattern) UnmarshalText(text []byte) error {
	if _, err := regexp.Compile(string(text)); err != nil {
		return err
	}
	expr, err := regexp.Compile("^(?:" + string(text) + ")$")
	p.Expr = expr
	return err
}

// Matches reports whether the pattern matches a text as a whole.
func (p Pattern) Matches(text string) bool { return p.Expr.MatchString(text) }

// String returns the pattern as it was written.
func (p Pattern) String() string {
	return strings.TrimSuffix(strings.TrimPrefix(p.Expr.String(), "^(?:"), ")$")
}

// pattern is for patterns written in this package.
func MustPattern(text string) (p Pattern) {
	if err := p.UnmarshalText([]byte(text)); err != nil {
		panic("assertions: " + err.Error())
	}
	return p
}
