package packs_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
	"brrtload/assertions/packs"
)

// A profile that samples one allocation in 64 KiB stands for 1,365 objects of 48 bytes with a single
// sample, which it may have missed, or seen twice.
func TestWhatAProfileSamplesIsNoAccusation(t *testing.T) {
	list, err := packs.Read("memory-truth")
	require.NoError(t, err)
	for name, row := range map[string]struct {
		bytes, objects [2]string // what is reported and what is observed, each second for 30
		want           map[string]string
	}{
		"as observed": {[2]string{"2200000", "2300000"}, [2]string{"80000", "81000"},
			map[string]string{"bytes": "pass", "objects": "pass"}},
		"one sample of small objects beside large ones": {[2]string{"160000", "164000"}, [2]string{"1.7", "74"},
			map[string]string{"bytes": "pass", "objects": "not applicable"}},
		"no sample of what allocates little": {[2]string{"10000", "0"}, [2]string{"200", "0"},
			map[string]string{"bytes": "not applicable", "objects": "not applicable"}},
		"counted twice": {[2]string{"4600000", "2300000"}, [2]string{"160000", "80000"},
			map[string]string{"bytes": "untruthful", "objects": "untruthful"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := stage.New(t, `brrtrouter_handler_allocated_bytes_total{handler="a"} 0+`+row.bytes[0]+`x30
brrtload_traced_allocated_bytes_total{site="a"} 0+`+row.bytes[1]+`x30
brrtrouter_handler_allocated_objects_total{handler="a"} 0+`+row.objects[0]+`x30
brrtload_traced_allocations_total{site="a"} 0+`+row.objects[1]+`x30
brrtload_traced_sample_bytes 65536x30
`)
			j, err := judge.Judge(t.Context(), e, list)
			require.NoError(t, err)
			verdicts := stage.Verdicts(j)
			require.Equal(t, row.want, map[string]string{"bytes": verdicts["memory-allocated-by-handler"],
				"objects": verdicts["memory-objects-by-handler"]})
		})
	}
}
