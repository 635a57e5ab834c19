package record

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/evidence"
	"brrtload/internal/signals"
	"brrtload/scenarios"
)

// logged is an intake of a log that a test writes.
func logged(t *testing.T) *Intake {
	t.Helper()
	i := &Intake{Screen: signals.NewScreen(nil), ours: true, events: signals.NewEvents(signals.Format{}, nil, nil)}
	var err error
	i.output, err = signals.Output(filepath.Join(t.TempDir(), "target.log"), i.Screen, i.events)
	require.NoError(t, err)
	return i
}

func (i *Intake) saidAgain(t *testing.T) {
	t.Helper()
	_, err := i.output.File().WriteString(`{"msg":"a"}` + "\n")
	require.NoError(t, err)
}

func TestRestWaitsForTheLastLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := logged(t)
		began := time.Now()
		require.NoError(t, i.Rest(t.Context()))
		require.Zero(t, time.Since(began), "nothing was said for long enough")

		go func() {
			for range 20 {
				i.saidAgain(t)
				time.Sleep(100 * time.Millisecond)
			}
		}()
		synctest.Wait()
		require.NoError(t, i.Rest(t.Context()))
		require.EqualValues(t, 20, i.events.Tally().Lines)
		require.InDelta(t, 2.1, time.Since(began).Seconds(), 0.11)
		require.Empty(t, i.events.Tally().Lost)
		store, err := evidence.Create(t.TempDir())
		require.NoError(t, err)
		defer func() { require.NoError(t, store.Close()) }()
		require.Empty(t, i.Close(store))
	})
}

func TestALogThatDoesNotComeToRestIsInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := logged(t)
		ctx, cancel := context.WithCancel(t.Context())
		var saying sync.WaitGroup
		defer saying.Wait()
		defer cancel()
		saying.Go(func() {
			for ctx.Err() == nil {
				i.saidAgain(t)
				time.Sleep(100 * time.Millisecond)
			}
		})
		synctest.Wait()
		began := time.Now()
		require.NoError(t, i.Rest(t.Context()))
		require.InDelta(t, comingTime.Seconds(), time.Since(began).Seconds(), 0.1)
		require.Equal(t, map[string]uint64{"still_coming": 1}, i.events.Tally().Lost)
	})
}

func TestWhatIsTakenInFollowsFromTheTarget(t *testing.T) {
	for name, row := range map[string]struct {
		yaml                  string
		output, events, spans bool
	}{
		"the bundled service":                      {"target: {bundled: {}}\nlogs: {}\ntraces: {}", true, true, true},
		"without the sections":                     {"target: {bundled: {}}", true, false, false},
		"a service of somebody else":               {"target: {url: http://127.0.0.1:1}\nlogs: {}\ntraces: {}", false, false, false},
		"with a file and an address that it knows": {"target: {url: http://127.0.0.1:1}\nlogs: {file: none.log}\ntraces: {listen: '127.0.0.1:0'}", false, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := scenarios.Load(fstest.MapFS{"s.yaml": {Data: []byte(row.yaml + "\nstages: [{rate: 1, duration: 1s}]\nrequests: [{get: /}]\n")}}, "s.yaml")
			require.NoError(t, err)
			plan, err := s.Plan(1)
			require.NoError(t, err)
			i, err := TakeIn(s, nil, plan, t.TempDir())
			require.NoError(t, err)
			require.Equal(t, row.output, i.output != nil)
			require.Equal(t, row.events, i.events != nil)
			require.Equal(t, row.spans, i.spans != nil)
			require.Equal(t, row.spans, len(i.environment()) > 0)
			store, err := evidence.Create(t.TempDir())
			require.NoError(t, err)
			defer func() { require.NoError(t, store.Close()) }()
			now := time.Now()
			batch := store.At(now)
			i.write(batch)
			require.NoError(t, batch.Commit())
			lines, err := store.Range(t.Context(), "brrtload_log_lines_total", now, time.Second, 1)
			require.NoError(t, err)
			counted := len(lines) > 0
			if strings.Contains(row.yaml, "none.log") {
				require.False(t, counted, "nothing is known of a log that is not there: not even that it has no events")
				require.Equal(t, []string{"the log file none.log was never there, so what the service logged is unknown; correct logs.file"}, i.Close(store))
				return
			}
			require.Equal(t, row.events, counted)
			require.Empty(t, i.Close(store))
		})
	}
}
