package load

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"brrtload/internal/load/hit"
	"brrtload/internal/pipetest"
	"brrtload/scenarios"
)

func TestRecordedResultsAreVegetas(t *testing.T) {
	p := planOf(t, `
target: {url: http://example.test}
stages: [{rate: 10, duration: 10s}]
requests: [{name: one, post: /a, body: hello}]
`)
	synctest.Test(t, func(t *testing.T) {
		server := pipetest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(250 * time.Millisecond)
			w.WriteHeader(http.StatusTeapot)
			_, _ = io.WriteString(w, "short and stout")
		}))
		var b bytes.Buffer
		var began time.Time
		recorder := NewRecorder(&b, vegeta.NewEncoder, nil)
		require.NoError(t, Run(t.Context(), p, NewLedger(p), Options{
			BaseURL: "http://pipe", Connections: 1, Timeout: time.Minute, Dial: server.Dial, Recorder: recorder,
			Began: func(at time.Time) { began = at },
		}))
		require.NoError(t, recorder.Close())
		decode := vegeta.DecoderFor(&b)
		seen := map[uint64]vegeta.Result{}
		for {
			var r vegeta.Result
			if err := decode(&r); errors.Is(err, io.EOF) {
				break
			} else {
				require.NoError(t, err)
			}
			seen[r.Seq] = r
		}
		last := uint64(len(seen) - 1)
		require.Greater(t, last, uint64(40))
		r := seen[last]
		require.True(t, r.Timestamp.Equal(began.Add(p.Due(last))))
		require.Equal(t, time.Duration(last+1)*250*time.Millisecond-p.Due(last), r.Latency, "one connection, so that hits wait: counted from the due time")
		require.Equal(t, []any{"one", uint16(418), "POST", "http://pipe/a", uint64(15), uint64(5), ""}, []any{r.Attack, r.Code, r.Method, r.URL, r.BytesIn, r.BytesOut, r.Error})
	})
}

// stuck takes nothing until it is released.
type stuck struct{ release chan struct{} }

func (s stuck) Write(b []byte) (int, error) {
	<-s.release
	return len(b), nil
}

func TestARecorderThatCannotKeepUpLosesAndSaysSo(t *testing.T) {
	p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 10, duration: 1s}]\nrequests: [{get: /}]\n")
	w := stuck{make(chan struct{})}
	r := NewRecorder(w, vegeta.NewEncoder, nil)
	for range 2 * backlog {
		r.add(p.Hit(0), hit.Result{Status: 200, Outcome: hit.Answered})
	}
	close(w.release)
	require.ErrorContains(t, r.Close(), "left out")
}

func TestARecorderTellsOfAFullDisk(t *testing.T) {
	p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 10, duration: 1s}]\nrequests: [{get: /}]\n")
	reader, w := io.Pipe()
	require.NoError(t, reader.CloseWithError(errors.New("no space left")))
	r := NewRecorder(w, vegeta.NewEncoder, nil)
	r.add(p.Hit(0), hit.Result{Status: 200, Outcome: hit.Answered})
	require.ErrorContains(t, r.Close(), "no space left")
}

// growing is a file that can be looked at while it is written.
type growing struct {
	mu   sync.Mutex
	text []byte
}

func (g *growing) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.text = append(g.text, b...)
	return len(b), nil
}

func (g *growing) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return string(g.text)
}

func TestARecordIsWrittenEverySecondAndHoldsNoSecret(t *testing.T) {
	p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 10, duration: 1s}]\n"+
		"requests: [{name: a, get: '/a?page=2&access_token=tok-en-1&q=not-to-be-seen'}]\n")
	synctest.Test(t, func(t *testing.T) {
		var w growing
		r := NewRecorder(&w, vegeta.NewJSONEncoder, strings.NewReplacer("not-to-be-seen", scenarios.Redacted))
		r.begin(time.Now(), "http://ann:pass-word@example.test")
		r.add(p.Hit(0), hit.Result{Status: 200, Outcome: hit.Answered})
		time.Sleep(1100 * time.Millisecond)
		said := strings.ReplaceAll(w.String(), `\u0026`, "&")
		require.NoError(t, r.Close()) // before anything is wanted: a bubble waits for its goroutines
		require.Contains(t, said, `"http://example.test/a?page=2&access_token=REDACTED&q=REDACTED"`)
		require.NotContains(t, w.String(), "pass-word")
	})
}
