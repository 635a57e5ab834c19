package discover

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	hitTime = 10 * time.Second // of one request
	maxBody = 16 << 20         // of an answer that is read
)

// sender sends requests to one service. Redirects are answers, and are not followed.
type sender struct {
	origin string
	client *http.Client
	fields []field // of every request

	mu   sync.Mutex
	sent int
}

func newSender(origin string, fields []field) *sender {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy, transport.DisableCompression = nil, true
	return &sender{origin: origin, fields: fields, client: &http.Client{Transport: transport, Timeout: hitTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (s *sender) close() { s.client.CloseIdleConnections() }

// count notes a request, and returns how many there were.
func (s *sender) count() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sent >= MaxHits {
		return 0, fmt.Errorf("more than %d requests", MaxHits)
	}
	s.sent++
	return s.sent, nil
}

// answer is what came of a request.
type answer struct {
	status int
	took   time.Duration
	body   []byte
	kind   string // of content
}

func (s *sender) get(ctx context.Context, path string) (answer, error) {
	return s.do(ctx, http.MethodGet, path, "")
}

// do sends one request, to another Host when one is given, and reads the answer whole.
func (s *sender) do(ctx context.Context, method, path, host string) (answer, error) {
	number, err := s.count()
	if err != nil {
		return answer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, method, s.origin+path, nil)
	if err != nil {
		return answer{}, err
	}
	request.Host = host
	request.Close = number%2 == 0 // the next one has a new connection, which may lead to another process
	request.Header.Set("User-Agent", "brrtload")
	for _, f := range s.fields {
		request.Header.Add(f.name, f.value)
	}
	start := time.Now()
	response, err := s.client.Do(request)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err
		}
		return answer{}, err
	}
	defer response.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return answer{}, err
	}
	return answer{
		status: response.StatusCode,
		took:   time.Since(start),
		body:   body,
		kind:   response.Header.Get("Content-Type"),
	}, nil
}

// abandon sends a request whole and closes the connection before the answer.
func (s *sender) abandon(ctx context.Context, path string) error {
	if _, err := s.count(); err != nil {
		return err
	}
	u, err := url.Parse(s.origin)
	if err != nil {
		return err
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	conn, err := (&net.Dialer{Timeout: hitTime}).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // that is the point
	if u.Scheme == "https" {
		secure := tls.Client(conn, &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12})
		if err := secure.HandshakeContext(ctx); err != nil {
			return err
		}
		conn = secure
	}
	head := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: brrtload\r\n", path, u.Host)
	for _, f := range s.fields {
		head += f.name + ": " + f.value + "\r\n"
	}
	_, err = conn.Write([]byte(head + "\r\n"))
	return err
}
