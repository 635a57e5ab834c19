package discover

import (
	"encoding/json"
	"strings"
)

// Quoted writes a text for YAML, in which a JSON string is one. A scenario replaces ${NAME}, and
// $${ stands for ${.
func Quoted(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(strings.ReplaceAll(text, "${", "$${")) // a text can always be encoded
	return strings.TrimSuffix(b.String(), "\n")
}
