// Package remotewrite sends the samples of a run to a server that takes Prometheus' remote write.
//
// In go samples as they are stored; out go requests of remote write 2.0, or of 1.0 to a server that
// knows no other, by the client of client_golang. Native histograms stay native. Package internal/run
// hands the samples over and says when the run is over.
package remotewrite

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/prometheus/client_golang/exp/api/remote"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"

	"brrtload/internal/evidence"
)

const (
	// maxPending bounds the samples that wait to be sent; those beyond are lost, and counted.
	maxPending = 500_000
	// perRequest is how many samples a request has at most.
	perRequest = 2000
	// every is how often samples are sent.
	every = time.Second
	// sending bounds one request with its retries, and closing the sending of what is left when the
	// run is over.
	sending = 20 * time.Second
	closing = 30 * time.Second
	// hopeless is closing when the server has never taken anything.
	hopeless = 3 * time.Second
)

// The labels that every series gets.
const (
	RunLabel   = "brrtload_run"
	ShardLabel = "brrtload_shard"
)

// sample is one that waits.
type sample struct {
	series *series
	at     int64 // milliseconds
	value  float64
	counts *histogram.Histogram      // of a native histogram
	floats *histogram.FloatHistogram // of one whose counts are no integers
}

// series is what is known of a series that was sent.
type series struct {
	labels labels.Labels // with those of the run
	last   sample
}

// Sink sends samples. Its methods are safe for concurrent use; Close is called once, last.
type Sink struct {
	api   *remote.API
	extra []labels.Label

	mu      sync.Mutex
	pending []sample
	series  map[string]*series
	lost    int
	failed  error // the first
	sent    int

	old      bool // the server knows remote write 1.0 alone
	done     chan struct{}
	idle     sync.WaitGroup
	ctx      context.Context // of everything that is sent
	cancel   context.CancelFunc
	patience time.Duration // with what is left when the run is over
}

// New makes a sink that writes to an address such as http://127.0.0.1:9090/api/v1/write. A user and a
// password stand in the address.
func New(address string) (*Sink, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("want a URL like http://127.0.0.1:9090/api/v1/write")
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute}
	api, err := remote.NewAPI(address, remote.WithAPIPath(""), remote.WithAPIHTTPClient(&http.Client{Transport: transport, Timeout: sending}),
		remote.WithAPIBackoff(remote.BackoffConfig{Min: 100 * time.Millisecond, Max: 2 * time.Second, MaxRetries: 5}))
	if err != nil {
		return nil, err
	}
	s := &Sink{api: api, patience: closing, series: map[string]*series{}, done: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// Begin starts the sending of a run's samples. The labels of the run are added to every series; shard
// may be empty.
func (s *Sink) Begin(run, shard string) {
	s.extra = []labels.Label{{Name: RunLabel, Value: run}}
	if shard != "" {
		s.extra = append(s.extra, labels.Label{Name: ShardLabel, Value: shard})
	}
	s.idle.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				s.flush()
			case <-s.done:
				return
			}
		}
	})
}

// Take takes a sample that was stored. It copies what it keeps, and waits for nothing.
func (s *Sink) Take(lset labels.Labels, at int64, x evidence.Sample) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) == maxPending {
		s.lost++
		return
	}
	key := string(lset.Bytes(nil))
	known := s.series[key]
	if known == nil {
		b := labels.NewBuilder(lset)
		for _, l := range s.extra {
			b.Set(l.Name, l.Value)
		}
		known = &series{labels: b.Labels()}
		s.series[key] = known
	}
	taken := sample{series: known, at: at, value: x.Value}
	switch {
	case x.Histogram != nil:
		taken.counts = x.Histogram.Copy()
	case x.Float != nil:
		taken.floats = x.Float.Copy()
	}
	known.last = taken
	s.pending = append(s.pending, taken)
}

// Close sends what is left, and then for every series the marker that it has ended. It takes half a
// minute at most, whatever the server does. The error says what was lost, and why.
func (s *Sink) Close() error {
	over := time.AfterFunc(s.closing(), s.cancel)
	defer over.Stop()
	close(s.done)
	s.idle.Wait()
	s.mu.Lock()
	for _, known := range s.series {
		if marker, open := known.last.end(); open {
			s.pending = append(s.pending, marker)
		}
	}
	s.mu.Unlock()
	s.flush()
	s.cancel()
	if s.lost > 0 {
		return fmt.Errorf("remote write: %d of %d samples were not taken: %w", s.lost, s.lost+s.sent, cmp.Or(s.failed, errSlow))
	}
	return nil
}

var errSlow = fmt.Errorf("they came faster than the server took them")

// end returns the marker after a series' last sample, and false when that was one.
func (x sample) end() (sample, bool) {
	stale := math.Float64frombits(value.StaleNaN)
	marker := sample{series: x.series, at: x.at + 1}
	switch {
	case x.counts != nil:
		if value.IsStaleNaN(x.counts.Sum) {
			return x, false
		}
		marker.counts = &histogram.Histogram{Sum: stale}
	case x.floats != nil:
		if value.IsStaleNaN(x.floats.Sum) {
			return x, false
		}
		marker.floats = &histogram.FloatHistogram{Sum: stale}
	default:
		if value.IsStaleNaN(x.value) {
			return x, false
		}
		marker.value = stale
	}
	return marker, true
}

// closing is how long the sending of what is left may take: not long when nothing was ever taken.
func (s *Sink) closing() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sent == 0 && s.failed != nil {
		return hopeless
	}
	return s.patience
}

// flush sends all that waits. What is left when the sink is closed and its time is over is lost.
func (s *Sink) flush() {
	s.mu.Lock()
	waiting := s.pending
	s.pending = nil
	s.mu.Unlock()
	for len(waiting) > 0 {
		n := min(len(waiting), perRequest)
		err := s.ctx.Err()
		if err == nil {
			err = s.send(s.ctx, waiting[:n])
		}
		s.mu.Lock()
		if err != nil {
			s.lost += n
			s.failed = cmp.Or(s.failed, err)
		} else {
			s.sent += n
		}
		s.mu.Unlock()
		waiting = waiting[n:]
	}
}

// send sends samples in one request: of remote write 2.0, and once that was refused, of 1.0.
func (s *Sink) send(ctx context.Context, samples []sample) error {
	ctx, cancel := context.WithTimeout(ctx, sending)
	defer cancel()
	if !s.old {
		_, err := s.api.Write(ctx, remote.WriteV2MessageType, second(samples))
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
		// The server refuses 2.0, or reads it as an empty request of 1.0: those before 2.54 do.
		if _, failed := s.api.Write(ctx, remote.WriteV1MessageType, first(samples)); failed != nil {
			return err
		}
		s.old = true
		return nil
	}
	_, err := s.api.Write(ctx, remote.WriteV1MessageType, first(samples))
	return err
}
