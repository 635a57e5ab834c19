package record

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/evidence"
	"brrtload/internal/load"
	"brrtload/internal/load/hit"
	"brrtload/internal/process"
	"brrtload/scenarios"
)

// recorder is a client of ten requests that have had 2,000 hits each, with answers between 0.1 ms
// and 1 s.
type recorder struct {
	*Client
	plan   *scenarios.Plan
	random *rand.Rand
	sent   uint64
	now    time.Time
}

func newRecorder(tb testing.TB, length time.Duration) *recorder {
	var text strings.Builder
	fmt.Fprintf(&text, "target: {url: \"http://127.0.0.1:1\"}\nstages: [{rate: 1000, duration: %s}]\nrequests:\n", length)
	for n := range 10 {
		fmt.Fprintf(&text, "  - {name: r%d, get: /r%d}\n", n, n)
	}
	s, err := scenarios.Settings{}.Load(fstest.MapFS{"s.yaml": {Data: []byte(text.String())}}, "s.yaml")
	require.NoError(tb, err)
	plan, err := s.Plan(1)
	require.NoError(tb, err)
	dir := tb.TempDir()
	store, err := evidence.Create(dir)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, store.Close()) })
	r := &recorder{Client: New(store, load.NewLedger(plan), plan), plan: plan, random: rand.New(rand.NewPCG(1, 2))}
	r.Intake, err = TakeIn(s, nil, plan, dir)
	require.NoError(tb, err)
	r.now = time.Now()
	store.Baseline(r.now)
	r.Begin(r.now)
	r.Edge(0, r.now, true)
	r.hit(20_000)
	return r
}

// hit enters answers in the ledger; most take about a millisecond.
func (r *recorder) hit(hits int) {
	for range hits {
		h := r.plan.Hit(r.sent)
		r.sent++
		took := min(time.Duration(float64(time.Millisecond)*(0.1+r.random.ExpFloat64())), time.Second)
		if r.random.IntN(200) == 0 {
			took *= 50
		}
		r.ledger.Begin()
		r.ledger.Add(h, hit.Result{Sent: h.Due, Done: h.Due + took, Status: 200, Outcome: hit.Answered})
	}
}

// look records so much later.
func (r *recorder) look(after time.Duration) {
	r.now = r.now.Add(after)
	r.Record(r.now)
}

// BenchmarkRecord is what one recording of brrtload's own series costs, with ten requests and ten
// new hits for each, by how long after the one before: each second has one with histograms of
// durations. `make bench-load` has what it does to the hits.
func BenchmarkRecord(b *testing.B) {
	for _, after := range []time.Duration{10 * time.Millisecond, 250 * time.Millisecond, time.Second} {
		b.Run(after.String(), func(b *testing.B) {
			r := newRecorder(b, time.Hour)
			for range 100 {
				r.hit(100)
				r.look(after)
			}
			b.ReportAllocs()
			var used time.Duration // of CPU: what else the machine does is not counted
			for b.Loop() {
				b.StopTimer()
				r.hit(100)
				before, err := process.CPU(os.Getpid())
				require.NoError(b, err)
				b.StartTimer()
				r.look(after)
				b.StopTimer()
				now, err := process.CPU(os.Getpid())
				require.NoError(b, err)
				used += now - before
				b.StartTimer()
			}
			require.NoError(b, r.Err)
			b.ReportMetric(float64(used.Nanoseconds())/float64(b.N), "cpu-ns/op")
		})
	}
}
