package fault

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/handlers"
	"brrtload/targetsvc/internal/router"
	"brrtload/targetsvc/internal/security"
)

// good is a value that a fault takes, by what it says its value is.
var good = map[string]string{"N": "3", "DURATION": "30ms", "BYTES": "65536", "HANDLER": "wait", "HANDLERS": "wait,compute",
	"PROVIDER": "Key", "METRIC": "brrtrouter_requests_total", "EVENT": "Request complete", "HEADER": "X-API-Key"}

func TestEveryFaultIsDescribedAndActsAtOneSeam(t *testing.T) {
	for _, f := range All() {
		require.Regexp(t, `^[a-z]+(-[a-z]+)*$`, f.Name)
		require.Regexp(t, `^[A-Z]+$`, f.Value, f.Name)
		require.NotEmpty(t, f.Does, f.Name)
		require.Contains(t, []Kind{Behaviour, Lie}, f.Kind)
		if _, has := good[f.Value]; !has {
			t.Errorf("no good value is known for %s=%s: add one for %[2]s to good, above", f.Name, f.Value)
		}
		if f.Kind != Behaviour {
			continue
		}
		seams := 0
		for _, set := range []bool{f.handler != nil, f.provider != nil, f.matcher != nil, f.server != nil, f.beside != nil} {
			if set {
				seams++
			}
		}
		require.Equal(t, 1, seams, f.Name)
	}
	var list bytes.Buffer
	require.NoError(t, List(&list))
	require.Regexp(t, `(?m)^handler-latency=DURATION +behaviour  every handler waits`, list.String())
}

func TestValuesAreChecked(t *testing.T) {
	s := NewSet()
	for _, f := range All() {
		name, value := f.Name, good[f.Value]
		require.NoError(t, s.Enable(name, value), name)
		text, on := s.Value(name)
		require.True(t, on)
		require.Equal(t, value, text)
		require.Error(t, s.Enable(name, ""), name)
		require.NoError(t, s.Disable(name))
		_, on = s.Value(name)
		require.False(t, on)
	}
	require.ErrorIs(t, s.Enable("sunshine", "1"), ErrUnknown)
	require.ErrorIs(t, s.Disable("sunshine"), ErrUnknown)
	for _, text := range []string{"panic-every-nth=0", "panic-every-nth=-1", "handler-latency=-1s", "handler-latency=5", "memory-hog=1e99", "crash=2h"} {
		require.Error(t, s.EnableText(text), text)
	}
}

func TestAFaultMayBeginLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSet()
		defer s.Close()
		on := func() bool { _, on := s.Value("handler-latency"); return on }
		require.Error(t, s.EnableText("handler-latency=never@3s"))
		require.NoError(t, s.EnableText("handler-latency=30ms@3s"))
		time.Sleep(3*time.Second - time.Millisecond)
		require.False(t, on())
		time.Sleep(time.Millisecond)
		synctest.Wait()
		require.True(t, on())

		require.NoError(t, s.EnableText("handler-latency=40ms@3s"), "until then it stays as it is")
		require.True(t, on())
		require.NoError(t, s.Disable("handler-latency"))
		time.Sleep(time.Hour)
		require.False(t, on(), "it was switched off meanwhile")
	})
}

func answering(context.Context, *handlers.Call) handlers.Response {
	return handlers.Response{Status: 200}
}

func TestHandlerLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSet()
		f := s.Handler("wait", answering)
		took := func(ctx context.Context) time.Duration {
			began := time.Now()
			require.Equal(t, 200, f(ctx, nil).Status)
			return time.Since(began)
		}
		require.Zero(t, took(t.Context()))
		require.NoError(t, s.Enable("handler-latency", "30ms"))
		require.Equal(t, 30*time.Millisecond, took(t.Context()))
		gone, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		require.Equal(t, 10*time.Millisecond, took(gone))
		require.NoError(t, s.Disable("handler-latency"))
		require.Zero(t, took(t.Context()))
	})
}

func TestPanicEveryNth(t *testing.T) {
	s := NewSet()
	require.NoError(t, s.Enable("panic-every-nth", "3"))
	f, panics := s.Handler("wait", answering), 0
	for range 10 {
		func() {
			defer func() {
				if recover() != nil {
					panics++
				}
			}()
			f(t.Context(), nil)
		}()
	}
	require.Equal(t, 3, panics)
}

func TestStalledCoroutineHoldsOneCallOfOneHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSet()
		require.NoError(t, s.Enable("stalled-coroutine", "wait"))
		var answered atomic.Int64
		ask := func(name string) {
			s.Handler(name, answering)(t.Context(), nil)
			answered.Add(1)
		}
		go ask("wait")
		synctest.Wait()
		require.Zero(t, answered.Load())
		ask("wait")
		ask("search")
		require.EqualValues(t, 2, answered.Load(), "others go on")
		require.NoError(t, s.Disable("stalled-coroutine"))
		synctest.Wait()
		require.EqualValues(t, 3, answered.Load())
	})
}

func TestMemoryIsHeldAndLetGo(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	s := NewSet()
	f := s.Handler("wait", answering)
	before := heap()
	require.NoError(t, s.Enable("memory-leak", "1048576"))
	for range 32 {
		f(t.Context(), nil)
	}
	require.Greater(t, heap()-before, int64(31<<20))
	require.NoError(t, s.Disable("memory-leak"))
	require.Less(t, heap()-before, int64(8<<20))

	s.Start(&spawner{})
	require.NoError(t, s.Enable("memory-hog", "33554432"))
	require.Eventually(t, func() bool { return heap()-before > 31<<20 }, 10*time.Second, time.Millisecond)
	s.Close()
	require.Less(t, heap()-before, int64(8<<20))
}

func TestHandlerAllocatesWhatIsAsked(t *testing.T) {
	s := NewSet()
	f := s.Handler("wait", answering)
	require.NoError(t, s.Enable("handler-allocation", "1048576"))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 10 {
		f(t.Context(), nil)
	}
	runtime.ReadMemStats(&after)
	require.InDelta(t, 10<<20, after.TotalAlloc-before.TotalAlloc, 1<<19)
}

func TestDeepRecursionUsesStack(t *testing.T) {
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.StackInuse
	}
	s := NewSet()
	require.NoError(t, s.Enable("deep-recursion", "1000000"))
	f := s.Handler("wait", answering)
	before := inUse()
	returned, release := make(chan struct{}), make(chan struct{})
	for range 20 {
		go func() {
			f(context.Background(), nil)
			returned <- struct{}{}
			<-release // the stack stays as it grew until the goroutine ends or the collector runs
		}()
	}
	most := uint64(0)
	for range 20 {
		<-returned
		most = max(most, inUse())
	}
	close(release)
	require.Greater(t, most-before, uint64(1_000_000))
}

type openProvider struct{}

func (openProvider) Validate(context.Context, *http.Request, []string) *security.Refusal { return nil }

func TestProviders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSet()
		key, other := s.Provider("Key", openProvider{}), s.Provider("Other", openProvider{})
		require.NoError(t, s.Enable("provider-outage", "Key"))
		require.Equal(t, security.ProviderUnavailable, key.Validate(t.Context(), nil, nil).Label())
		require.Nil(t, other.Validate(t.Context(), nil, nil))
		require.NoError(t, s.Disable("provider-outage"))
		require.NoError(t, s.Enable("slow-provider", "30ms"))
		began := time.Now()
		require.Nil(t, key.Validate(t.Context(), nil, nil))
		require.Equal(t, 30*time.Millisecond, time.Since(began))
	})
}

func TestSlowRouteMatching(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSet()
		match := s.Match(func(string, string) (router.Match, error) { return router.Match{}, router.ErrNotFound })
		require.NoError(t, s.Enable("slow-route-matching", "30ms"))
		began := time.Now()
		_, err := match("GET", "/")
		require.ErrorIs(t, err, router.ErrNotFound)
		require.Equal(t, 30*time.Millisecond, time.Since(began))
	})
}

func TestConnectionClose(t *testing.T) {
	s := NewSet()
	var failed atomic.Int64
	server := httptest.NewServer(s.Server(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		if _, err := w.Write([]byte("x")); err != nil {
			failed.Add(1)
		}
	})))
	defer server.Close()
	require.NoError(t, s.Enable("connection-close", "2"))
	transport := &http.Transport{DisableKeepAlives: true}
	lost := 0
	for range 6 {
		request, err := http.NewRequest(http.MethodPost, server.URL, http.NoBody)
		require.NoError(t, err)
		response, err := transport.RoundTrip(request)
		if err != nil {
			lost++
			continue
		}
		response.Body.Close()
	}
	require.Equal(t, 3, lost)
	require.Eventually(t, func() bool { return failed.Load() == 3 }, 10*time.Second, time.Millisecond, "the service knows")
}

type spawner struct{ started atomic.Int64 }

func (s *spawner) Spawn(string) error {
	if s.started.Add(1) > 5 {
		return errors.New("enough")
	}
	return nil
}

func TestCoroutineLeakStartsSoManyASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, to := NewSet(), &spawner{}
		require.NoError(t, s.Enable("coroutine-leak", "10"))
		s.Start(to)
		time.Sleep(time.Second + time.Millisecond)
		require.EqualValues(t, 10, to.started.Load())
		s.Close()
		time.Sleep(time.Second)
		require.EqualValues(t, 10, to.started.Load())
	})
}

// BenchmarkHandler returns what a handler pays for being able to have faults.
func BenchmarkHandler(b *testing.B) {
	for name, enable := range map[string]bool{"off": false, "on": true} {
		b.Run(name, func(b *testing.B) {
			s := NewSet()
			if enable {
				if err := s.Enable("panic-every-nth", "1000000"); err != nil {
					b.Fatal(err)
				}
			}
			f := s.Handler("wait", answering)
			ctx := b.Context()
			b.ReportAllocs()
			for b.Loop() {
				func() {
					defer func() { _ = recover() }()
					f(ctx, nil)
				}()
			}
		})
	}
}
