package scrape

import (
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"brrtload/internal/evidence"
)

// With one CPU, hits that come due while a large exposition is taken in leave meanwhile.
func TestOthersRunBesideALargeExposition(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	store, err := evidence.Create(t.TempDir())
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	e := bareEndpoint("target", "target", labels.EmptyLabels(), store)
	format := expfmt.NewFormat(expfmt.TypeTextPlain)
	body := []byte(exposition(format))

	var over atomic.Bool
	turns, done := 0, make(chan struct{})
	go func() {
		defer close(done)
		for ; !over.Load(); runtime.Gosched() {
			turns++
		}
	}()
	batch := store.At(at(0))
	r, err := e.Read(at(0), body, string(format), batch)
	over.Store(true)
	<-done
	require.NoError(t, err)
	require.NoError(t, batch.Commit())
	require.Greater(t, turns, r.Series*3/2/atOnce, "while %d series were read and recorded", r.Series)
}
