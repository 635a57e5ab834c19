package load

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/pipetest"
)

const sharedOut = `
target: {url: http://example.test}
timeout: 5s
warmup: {rate: 7, duration: 3s}
stages:
  - {rate: 97, duration: 5s}
  - {from: 5, to: 50, duration: 5s}
  - {rate: 5, peak: 80, rise: 1s, hold: 2s, duration: 6s}
credentials:
  key: {api_key: {header: X-API-Key, value: test-key}}
traces: {ratio: 0.3}
requests:
  - {name: one, get: "/one/{{.Seq}}", weight: 3, credential: key}
  - {name: two, post: "/two/{{.Seq}}", body: hello, expect: [200, 404]}
`

// sendShards carries a plan out with this many generators and returns their joined account, as it is
// kept, and which numbers are done.
func sendShards(t *testing.T, engine Engine, of uint64) (text []byte, done uint64) {
	t.Helper()
	whole := planOf(t, sharedOut)
	synctest.Test(t, func(t *testing.T) {
		server := pipetest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := fnv.New32()
			fmt.Fprint(h, r.URL.Path)
			n := h.Sum32()
			time.Sleep(time.Duration(n%40_000) * time.Microsecond)
			switch {
			case n%17 == 0:
				w.WriteHeader(http.StatusInternalServerError)
			case n%5 == 0:
				w.WriteHeader(http.StatusNotFound)
			}
			fmt.Fprint(w, r.URL.Path)
		}))
		kept := make([]Kept, of)
		var sending sync.WaitGroup
		start := time.Now().Add(time.Second)
		for index := range of {
			sending.Go(func() {
				p := whole.Shard(index, of)
				l := NewLedger(p)
				numbers := l.Number(index, of)
				if err := Run(t.Context(), p, l, Options{BaseURL: "http://pipe", Connections: 64, Timeout: 5 * time.Second,
					Engine: engine, Dial: server.Dial, Start: start}); err != nil {
					t.Errorf("shard %d: %v", index, err)
				}
				ranges, twice, alien := numbers.Done()
				if len(ranges) != 1 || ranges[0] != (Range{0, p.Hits()}) || twice+alien > 0 {
					t.Errorf("shard %d of %d: done are %v of %d, %d twice, %d of others", index, of, ranges, p.Hits(), twice, alien)
				}
				// through a file and back
				text, err := json.Marshal(l.Snapshot().Keep(nil))
				if err == nil {
					err = json.Unmarshal(text, &kept[index])
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		sending.Wait()
		joined := Join(kept...)
		snapshot, err := joined.Snapshot(whole)
		require.NoError(t, err)
		require.Equal(t, whole.Hits(), snapshot.Done)
		text, err = json.Marshal(joined)
		require.NoError(t, err)
		done = joined.Done
	})
	return text, done
}

func TestOneTwoAndFourShardsKeepTheSameLedgerBitForBit(t *testing.T) {
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		t.Run(string(engine), func(t *testing.T) {
			one, hits := sendShards(t, engine, 1)
			require.Positive(t, hits)
			for _, of := range []uint64{2, 4} {
				several, _ := sendShards(t, engine, of)
				require.JSONEq(t, string(one), string(several), "%d shards", of)
				require.Equal(t, string(one), string(several), "%d shards", of)
			}
		})
	}
}

func TestAKeptLedgerThatWasChangedIsRefused(t *testing.T) {
	p := planOf(t, sharedOut)
	for name, k := range map[string]Kept{
		"another request": {Rows: []KeptRow{{Request: "three", Hits: 1}}, Done: 1},
		"another stage":   {Rows: []KeptRow{{Request: "one", Stage: 9, Hits: 1}}, Done: 1},
		"a lost row":      {Done: 1},
	} {
		_, err := k.Snapshot(p)
		require.Error(t, err, name)
	}
	var h Histogram
	require.Error(t, json.Unmarshal([]byte(`[[99999999, 1]]`), &h))
	require.Error(t, json.Unmarshal([]byte(`[[3, -1]]`), &h))
}
