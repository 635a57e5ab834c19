//go:build long

package load

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "measure docs/evidence anew")

// keepEvidence writes what a long run found where the evidence tests judge it again, when that is
// asked for.
func keepEvidence(t *testing.T, name string, found any) {
	t.Helper()
	if !*update {
		return
	}
	text, err := json.MarshalIndent(found, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(evidence, name), append(text, '\n'), 0o644))
}
