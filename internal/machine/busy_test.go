package machine

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBusyIsWhatProgramsRanOnSomeCPUs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stat")
	require.NoError(t, os.WriteFile(file, []byte(`cpu  300 30 60 9000 500 7 8 9 0 0
cpu0 100 10 20 4000 100 3 4 5 0 0
cpu1 200 20 40 5000 400 4 4 4 0 0
intr 1 2 3
`), 0o644))
	before := statFile
	statFile = file
	defer func() { statFile = before }()
	require.InDelta(t, 1.3, Busy([]int{0}), 1e-9)
	require.InDelta(t, 2.6, Busy([]int{1}), 1e-9)
	require.InDelta(t, 3.9, Busy(nil), 1e-9)
	statFile = file + ".none"
	require.Zero(t, Busy(nil))
}
