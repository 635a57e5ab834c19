package shard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// maxQuestion bounds the text of a question or an answer.
const maxQuestion = 64 << 10

// question is what a shard sends to shard 0, and answer what it gets.
type question struct {
	Shard
	Outline string `json:"outline,omitempty"`
	Who     string `json:"who"` // a process, by a number that no other draws
}

type answer struct {
	Start   int64  `json:"start,omitempty"` // nanoseconds since 1970; 0 while it is not known
	Now     int64  `json:"now,omitempty"`   // by the clock of shard 0
	Refused string `json:"refused,omitempty"`
}

// ask sends a question to shard 0.
func (m *Member) ask(ctx context.Context, what string, q question) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	q.Shard, q.Who = m.Shard, m.who
	text, err := json.Marshal(q)
	if err != nil {
		return answer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+m.Barrier+"/"+what, bytes.NewReader(text))
	if err != nil {
		return answer{}, err
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	var a answer
	if err := json.NewDecoder(io.LimitReader(response.Body, maxQuestion)).Decode(&a); err != nil {
		return a, fmt.Errorf("%s is not shard 0 of a run: %w", m.Barrier, err)
	}
	if a.Refused != "" {
		return a, fmt.Errorf("%w: %s", ErrRefused, a.Refused)
	}
	return a, nil
}

// client keeps its connection, so that a clock is read over a warm one. The environment's proxy is
// not asked.
var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute}}

// server is the barrier, at shard 0.
type server struct {
	http    *http.Server
	serving sync.WaitGroup
	of      uint64
	outline string
	now     func() time.Time

	mu      sync.Mutex
	changed chan struct{}     // closed and replaced whenever a shard was heard
	joined  map[uint64]string // who, by index
	ready   map[uint64]bool
	done    map[uint64]bool
	start   time.Time
	refused string
}

func listen(address string, of uint64, outline string, start time.Time) (*server, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("barrier %s: %w", address, err)
	}
	if net.ParseIP(host) == nil && host != "localhost" {
		host = "" // a name may be that of a Service, which is no address of ours
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("barrier: %w", err)
	}
	s := &server{of: of, outline: outline, start: start, now: time.Now, changed: make(chan struct{}), joined: map[uint64]string{},
		ready: map[uint64]bool{0: true}, done: map[uint64]bool{0: true}}
	s.http = &http.Server{Handler: s, ReadTimeout: asking, WriteTimeout: asking, MaxHeaderBytes: maxQuestion}
	s.serving.Go(func() { _ = s.http.Serve(listener) }) // it ends with close
	return s, nil
}

// close ends the listening once what was asked is answered.
func (s *server) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	s.serving.Wait()
	return err
}

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var q question
	if err := json.NewDecoder(io.LimitReader(r.Body, maxQuestion)).Decode(&q); err != nil {
		http.Error(w, "no question of a shard", http.StatusBadRequest)
		return
	}
	a := s.hear(r.URL.Path, q)
	a.Now = s.now().UnixNano()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(a) // whoever asked has gone
}

func (s *server) hear(path string, q question) (a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q.Of != s.of || q.Index == 0 || q.Index >= s.of {
		return answer{Refused: fmt.Sprintf("shard %s has no place among %d shards", q.Shard, s.of)}
	}
	switch path {
	case "/join":
		if q.Outline != s.outline {
			s.refused = fmt.Sprintf("shard %s has another plan: %.200s; shard 0 has %.200s", q.Shard, q.Outline, s.outline)
			a.Refused = s.refused
		} else if who, here := s.joined[q.Index]; here && who != q.Who {
			a.Refused = fmt.Sprintf("shard %s is here already", q.Shard)
		} else {
			s.joined[q.Index] = q.Who
		}
	case "/ready":
		s.ready[q.Index] = true
		if !s.start.IsZero() {
			a.Start = s.start.UnixNano()
		}
	case "/done":
		s.done[q.Index] = true
	case "/clock":
		return a
	}
	close(s.changed)
	s.changed = make(chan struct{})
	return a
}

// meet waits until all are ready, and sets the start.
func (s *server) meet(ctx context.Context, patience time.Duration) (time.Time, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errPatience)
	defer cancel()
	for {
		s.mu.Lock()
		missing, changed, refused := s.missing(s.ready), s.changed, s.refused
		if s.start.IsZero() && len(missing) == 0 {
			s.start = time.Now().Add(ahead)
		}
		start := s.start
		s.mu.Unlock()
		switch {
		case !start.IsZero():
			return start, nil
		case refused != "":
			return start, errors.New(refused)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			if errors.Is(context.Cause(ctx), errPatience) {
				return start, fmt.Errorf("waited %s, and of %d shards these did not come: %s", patience, s.of, numbers(missing))
			}
			return start, context.Cause(ctx)
		}
	}
}

// part waits until all are done, and returns those that are not.
func (s *server) part(ctx context.Context, atMost time.Duration) []uint64 {
	timer := time.NewTimer(atMost)
	defer timer.Stop()
	for {
		s.mu.Lock()
		missing, changed := s.missing(s.done), s.changed
		s.mu.Unlock()
		if len(missing) == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return missing
		case <-ctx.Done():
			return missing
		}
	}
}

// missing needs the lock.
func (s *server) missing(from map[uint64]bool) (list []uint64) {
	for i := range s.of {
		if !from[i] {
			list = append(list, i)
		}
	}
	return list
}
