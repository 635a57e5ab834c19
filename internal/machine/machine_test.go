package machine

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFactsNameThisMachine(t *testing.T) {
	f := Read()
	require.Equal(t, runtime.NumCPU(), f.CPUs)
	if runtime.GOOS == "linux" {
		require.NotEmpty(t, f.Kernel)
	}
}

func TestStrainIsAShareOfTheTimeBetween(t *testing.T) {
	begin := time.Unix(0, 0)
	before := Strain{at: begin, steal: 10, all: 100, waiting: 1, havePressure: true}
	after := Strain{at: begin.Add(10 * time.Second), steal: 30, all: 300, waiting: 3, havePressure: true}
	steal, pressure := after.Since(before)
	require.InDelta(t, 0.10, steal, 1e-9)
	require.InDelta(t, 0.20, pressure, 1e-9)
	steal, pressure = after.Since(after)
	require.Zero(t, steal+pressure)
}

func TestStrainReadsThisKernel(t *testing.T) {
	if runtime.GOOS != "linux" {
		require.Zero(t, Now().all)
		return
	}
	require.Positive(t, Now().all)
}
