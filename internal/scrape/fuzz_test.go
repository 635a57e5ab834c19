package scrape

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzScrape reads two hostile expositions in a row: whatever they hold, samples that were taken
// can be asked for, errors are printable and name the place, and the store stays usable. Fuzz it
// with -fuzzminimizetime 10x: without, each new input is made smaller for up to a minute, in which
// no other is tried.
func FuzzScrape(f *testing.F) {
	const (
		open  = "application/openmetrics-text; version=1.0.0"
		proto = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
	)
	f.Add(text, "# HELP a A.\n# TYPE a counter\na{b=\"c\"} 1\n", "# TYPE a gauge\na{b=\"c\"} 2\n")
	f.Add(text, "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n", "h_bucket{le=\"+Inf\"} NaN 123\n")
	f.Add(open, "# TYPE a counter\n# UNIT a_seconds seconds\na_total 1 # {trace_id=\"x\"} 1 2\na_created 9\n# EOF\n", "# EOF\n")
	f.Add(open, "# TYPE i info\ni_info{v=\"1\"} 1\n# EOF\n", "# TYPE i info\ni_info{v=\"2\"} 1\n# EOF\n")
	f.Add(proto, "\x14\x0a\x01a\x12\x01A\x18\x00\x22\x0a\x1a\x08\x09\x00\x00\x00\x00\x00\x00\xf0?", "\x05hello")
	f.Add(text, "{\"a.b\",\"c d\"=\"e\"} 1\n", "a 1\x00\n")
	f.Fuzz(func(t *testing.T, contentType, first, second string) {
		if len(first)+len(second) > 1<<16 {
			return
		}
		s := &server{contentType: contentType}
		store := newStore(t)
		e := newEndpoint(t, store, s)
		for i, body := range []string{first, second, "ok 1\n"} {
			if s.body = body; i == 2 {
				s.contentType = text
			}
			batch := store.At(at(float64(i)))
			r, err := e.Scrape(t.Context(), at(float64(i)), batch)
			stored := batch.Commit()
			if i == 2 {
				require.NoError(t, err)
				require.NoError(t, stored)
			}
			if err != nil {
				require.Equal(t, -1, strings.IndexFunc(err.Error(), func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }), "%q", err)
				continue
			}
			require.Positive(t, r.Series)
			if i == 0 {
				e.Baseline(at(0))
			}
		}
		answer, err := store.Query(t.Context(), "ok", window(0, 2))
		require.NoError(t, err)
		require.NotEmpty(t, answer.Series)
		require.NotEmpty(t, store.Families(window(2, 2)))
	})
}
