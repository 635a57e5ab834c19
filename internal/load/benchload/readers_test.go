package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

func TestReadWrk(t *testing.T) {
	s, err := readWrk([]byte("  Latency Distribution\n     50%  342.00us\n     75%  400.00us\n     99%    1.27ms\n" +
		"  303166 requests in 5.00s, 101.48MB read\n"))
	require.NoError(t, err)
	require.Equal(t, said{Hits: 303166, P50: 342e-6, P99: 1.27e-3}, s)
	_, err = readWrk([]byte("unable to connect\n"))
	require.ErrorContains(t, err, "unable to connect")
}

func TestReadHey(t *testing.T) {
	s, err := readHey([]byte("Latency distribution:\n  50%% in 0.0013 secs\n  99%% in 0.0034 secs\n\n" +
		"Status code distribution:\n  [200]\t24998 responses\n"))
	require.NoError(t, err)
	require.Equal(t, said{Hits: 24998, P50: 0.0013, P99: 0.0034}, s)
}

func TestReadVegetaFindsTheLag(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results")
	var b bytes.Buffer
	encode := vegeta.NewEncoder(&b)
	began := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for k := range 1000 { // hit k is due at (k+1) ms; the last twenty are sent 3 ms late
		late := time.Duration(0)
		if k >= 980 {
			late = 3 * time.Millisecond
		}
		sent := began.Add(time.Duration(k+1)*time.Millisecond + late)
		require.NoError(t, encode(&vegeta.Result{Seq: uint64(k), Timestamp: sent, Latency: 2 * time.Millisecond}))
	}
	require.NoError(t, os.WriteFile(file, b.Bytes(), 0o600))
	s, err := readVegeta(file, time.Millisecond)
	require.NoError(t, err)
	require.Equal(t, uint64(1000), s.Hits)
	require.InDelta(t, 0.002, s.P99, 1e-9)
	require.InDelta(t, 0.003, *s.LagP99, 1e-6)
}

func TestTheLastLineHasTheRatios(t *testing.T) {
	late, later := 0.001, 0.01
	r := Report{Duration: 1, Runs: []Measurement{
		{Tool: "brrtload", Load: atMax, said: said{Hits: 10}, CPU: 3}, {Tool: "vegeta", Load: atMax, CPU: 10},
		{Tool: "brrtload", Load: at5000, said: said{LagP99: &late}, CPU: 8},
		{Tool: "vegeta", Load: at5000, said: said{LagP99: &later}, CPU: 10},
		{Tool: "vegeta", Load: atMax, CPU: 6}, {Tool: "brrtload", Load: atMax, CPU: 3}, // in the other order
	}}
	require.Regexp(t, "\np99 lag ratio to vegeta: at5000=0.10\n\ncpu-per-hit ratio to vegeta: max=0.40 at5000=0.80\n$",
		r.markdown())
}
