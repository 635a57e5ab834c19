package machine

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Steal is read as the kernel writes it: user, nice, system, idle, iowait, irq, softirq, steal, and
// guest time that user time has in it already.
func TestStealIsItsShareOfCPUTime(t *testing.T) {
	before := statFile
	t.Cleanup(func() { statFile = before })
	statFile = filepath.Join(t.TempDir(), "stat")
	write := func(text string) Strain {
		require.NoError(t, os.WriteFile(statFile, []byte(text+"\ncpu0 1 2 3 4 5 6 7 8 9 10\n"), 0o644))
		return Now()
	}
	earlier := write("cpu  100 10 50 800 20 5 5 10 40 0")
	later := write("cpu  140 10 60 830 20 5 5 30 70 0")
	steal, _ := later.Since(earlier)
	require.InDelta(t, 0.2, steal, 1e-12, "20 of 100 ticks")
	steal, _ = earlier.Since(earlier)
	require.Zero(t, steal)
}
