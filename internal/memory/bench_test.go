package memory

import (
	"bytes"
	"io"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkHeaptrack reads a million allocations that are freed, with a time after each hundred.
func BenchmarkHeaptrack(b *testing.B) {
	r, err := open("testdata/names-rust/heaptrack.1.zst")
	require.NoError(b, err)
	text, err := io.ReadAll(r)
	require.NoError(b, err)
	require.NoError(b, r.Close())
	head, _, _ := bytes.Cut(text, []byte("\nc "))
	head = append(head, '\n')
	for n := range 1_000_000 {
		head = append(head, "+ 0\n- 0\n"...)
		if n%100 == 0 {
			head = append(head, "c "+strconv.FormatInt(int64(n), 16)+"\n"...)
		}
	}
	b.SetBytes(int64(len(head)))
	for b.Loop() {
		_, _, err := readHeaptrack("heaptrack.1", bytes.NewReader(head))
		require.NoError(b, err)
	}
}
