package reports

import (
	"strings"
)

// Logged is log lines that are alike: the first of them stands for all.
type Logged struct {
	At    *float64 `json:"at,omitempty"` // seconds after the load began; nil where the line has no time
	Level string   `json:"level,omitempty"`
	Event string   `json:"event"`
	Text  string   `json:"text"`  // the first line as it was written, its beginning
	Count int      `json:"count"` // how many lines
}

// Serious reports whether a line has a level that asks for attention.
func (l Logged) Serious() bool {
	switch strings.ToLower(l.Level) {
	case "warn", "warning", "error", "err", "fatal", "critical", "panic":
		return true
	}
	return false
}
