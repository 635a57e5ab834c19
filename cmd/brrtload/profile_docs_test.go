package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/profile"
)

// TestDocsListEveryProfile keeps the table at the end of the page that of the files.
func TestDocsListEveryProfile(t *testing.T) {
	const file = "../../docs/assertions/metrics-of.md"
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	before, had, found := strings.Cut(string(page), keysBegin)
	require.True(t, found)
	var b strings.Builder
	b.WriteString("\n| name | instrumentation | counter | known of it |\n|---|---|---|---|\n")
	for _, name := range profile.Names() {
		p, err := profile.Get(name)
		require.NoError(t, err)
		fmt.Fprintf(
			&b,
			"| `%s` | %s. Source: %s | `%s` | %s |\n",
			name,
			p.Title,
			p.Source,
			p.Counter,
			strings.Join(p.Quirks, "; "),
		)
	}
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(before+keysBegin+b.String()), 0o644))
		return
	}
	require.Equal(t, b.String(), had, "run `go test ./cmd/brrtload -run Docs -update`")
}
