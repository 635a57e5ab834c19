//go:build long

package load

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// keepEvidence writes what a long run found where the evidence tests judge it again.
func keepEvidence(t *testing.T, name string, found any) {
	t.Helper()
	text, err := json.MarshalIndent(found, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(evidence, name), append(text, '\n'), 0o644))
}
