package checks

import (
	"maps"
	"regexp"
	"slices"

	"brrtload/internal/diag"
)

var labelName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// checkLabels complains about names that no label of a count of events or spans may have.
func checkLabels(n diag.Node, by map[string]string) error {
	var found diag.List
	for _, label := range slices.Sorted(maps.Keys(by)) {
		if !labelName.MatchString(label) || slices.Contains([]string{"event", "level", "name", "kind", "span_status",
			"joined"}, label) {
			found = append(found, n.Errorf("%q cannot be a label to count by", label))
		}
	}
	return found.Err()
}
