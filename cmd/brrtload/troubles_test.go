package main

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/expected"
)

// atOnce is how many of the runs below are under way at a time: they spend theirs waiting.
const atOnce = 9

// requireTroubles runs a scenario for each row of a page's table, of which there are so many, and
// wants each run to end as its row says. arrange makes the trouble that a row names, and returns the
// scenario. The secret must stand in none of a run's files.
func requireTroubles(t *testing.T, table []expected.Trouble, made int, secret string, arrange func(name string, f *fixture) string) {
	t.Helper()
	require.Len(t, table, made, "every trouble that is made stands on the page")
	outcomes := make([]outcome, len(table))
	room := make(chan struct{}, atOnce)
	var running sync.WaitGroup
	for i, one := range table {
		f := service(t)
		yaml := arrange(one.Name, f)
		running.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			outcomes[i] = f.load(t, yaml)
		})
	}
	running.Wait()
	for i, one := range table {
		t.Run(one.Name, func(t *testing.T) {
			o := outcomes[i]
			require.Equal(t, one.Status, o.status, o.stdout+o.stderr)
			said := unwrapped(o.stdout)
			for _, words := range one.Says {
				require.Contains(t, said, words)
			}
			require.NotContains(t, o.stdout, "\x1b")
			require.Less(t, o.resident, int64(512<<20), "memory is bounded whatever is sent")
			requireSameVerdicts(t, o.dir)
			requireNowhere(t, o.dir, secret)
		})
	}
}
