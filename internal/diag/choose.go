package diag

import (
	"fmt"
	"strings"
)

// choose reads one of a few words, and names them all when it is another.
func Choose[T ~string](to *T, text []byte, words ...T) error {
	for _, word := range words {
		if string(word) == string(text) {
			*to = word
			return nil
		}
	}
	known := make([]string, len(words))
	for i, word := range words {
		known[i] = string(word)
	}
	return fmt.Errorf("want %s, got %q%s", strings.Join(known, ", "), text, DidYouMean(string(text), known))
}
