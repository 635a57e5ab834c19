// Package prometheus reads the raw samples of a run from a server that scrapes the service already:
// Prometheus, Thanos or Mimir, by their HTTP API.
//
// In go a URL and a selector; out come endpoints with all their scrapes, as package internal/scrape
// takes them in. Nothing is computed by the server but the times of the newest samples: the
// embedded engine judges the samples themselves.
//
// Note: the samples are read by instant queries of a range selector, not by remote read. Thanos and
// most proxies in front of a server have the query API alone, and Mimir has both. Range selectors
// give raw samples with their own times. What the API leaves out is added again: the end of a
// series follows from the scrapes of its endpoint that lack it, and the layout of native histograms
// from their bounds.
package prometheus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/internal/diag"
	"brrtload/internal/scrape"
)

// Bounds on what is read.
const (
	// MaxSeries is how many series the selector may match.
	MaxSeries = 250_000
	// maxEndpoints is how many endpoints these may be of.
	maxEndpoints = 200
	// maxSamples is how many samples a whole run may have: about 1.5 GB while they are taken in.
	maxSamples = 20_000_000
	// perQuery is about how many samples one query asks for.
	perQuery = 500_000
	// maxBytes bounds the body of one answer.
	maxBytes = 256 << 20
)

// Settings say where the server is and what to read of it.
type Settings struct {
	URL     string // what stands before /api/v1
	Match   string // a selector
	HTTP    config.HTTPClientConfig
	Timeout time.Duration // of one query; 0 means DefaultTimeout
	// Screen is called with every body before it is looked at, if not nil, and may change its bytes
	// but not their number.
	Screen func(body []byte)
}

// DefaultTimeout bounds a query when the settings do not.
const DefaultTimeout = 20 * time.Second

// Server reads one server. It belongs to one goroutine.
type Server struct {
	api      v1.API
	where    string // the URL without its password
	match    string
	matchers []*labels.Matcher
	timeout  time.Duration
	way      *bounded
}

// New prepares the reading. It sends nothing.
func New(s Settings) (*Server, error) {
	u, err := url.Parse(s.URL)
	if err != nil { // the error would show the URL, and with it a password
		return nil, errors.New("prometheus: invalid URL; want http://127.0.0.1:9090")
	}
	client, err := config.NewClientFromConfig(s.HTTP, "brrtload")
	if err != nil {
		return nil, fmt.Errorf("prometheus %s: %w", u.Redacted(), err)
	}
	matchers, err := parser.NewParser(parser.Options{}).ParseMetricSelector(s.Match)
	if err != nil {
		return nil, fmt.Errorf("prometheus %s: match: %w", u.Redacted(), err)
	}
	way := &bounded{next: client.Transport, screen: s.Screen}
	client.Transport, client.CheckRedirect = way, sameHost
	one, err := api.NewClient(api.Config{Address: s.URL, Client: client})
	if err != nil {
		return nil, fmt.Errorf("prometheus %s: %w", u.Redacted(), err)
	}
	timeout := s.Timeout
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	return &Server{api: v1.NewAPI(one), where: diag.Printable(u.Redacted()), match: s.Match, matchers: matchers,
		timeout: timeout, way: way}, nil
}

// Where returns the server's URL without a password.
func (s *Server) Where() string { return s.where }

// Clock is how the server's clock compares with ours.
type Clock struct {
	Now   time.Time     // by the server's clock, at some moment of the query
	Ahead time.Duration // of ours
	Error time.Duration // by how much Ahead may be wrong at most
}

// Clock asks for the time by the server's clock.
func (s *Server) Clock(ctx context.Context) (Clock, error) {
	sent := time.Now()
	answer, err := s.query(ctx, "time()", time.Time{})
	if err != nil {
		return Clock{}, err
	}
	took := time.Since(sent)
	scalar, ok := answer.(*model.Scalar)
	if !ok {
		return Clock{}, s.wrap(fmt.Errorf("time() gives a %s, not a scalar: is this a Prometheus API?", answer.Type()))
	}
	now := time.UnixMicro(int64(float64(scalar.Value) * 1e6))
	return Clock{Now: now, Ahead: now.Sub(sent.Add(took / 2)), Error: took/2 + time.Millisecond}, nil
}

// Newest is the time of the newest sample of an endpoint.
type Newest struct {
	Instance string
	At       time.Time // by the server's clock
}

// Newest returns for the endpoints whose series of a metric match when they were scraped last.
// Endpoints that were not for five minutes are left out.
func (s *Server) Newest(ctx context.Context, metric string) ([]Newest, error) {
	// of several metrics at once the function gives series that are alike, which is an error
	newest, err := s.vector(ctx, "max by (job, instance) (timestamp("+s.only(metric)+"))")
	if err != nil {
		return nil, err
	}
	var all []Newest
	for _, one := range newest {
		all = append(all, Newest{Instance: diag.Printable(string(one.Metric["instance"])),
			At: time.UnixMilli(int64(float64(one.Value) * 1000))})
	}
	return all, nil
}

// only returns the selector with one metric.
func (s *Server) only(metric string) string {
	all := []string{labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, metric).String()}
	for _, m := range s.matchers {
		all = append(all, m.String())
	}
	return "{" + strings.Join(all, ",") + "}"
}

// Count returns how many series match.
func (s *Server) Count(ctx context.Context) (int, error) {
	count, err := s.vector(ctx, "count("+s.match+")")
	if err != nil || len(count) == 0 {
		return 0, err
	}
	return int(count[0].Value), nil
}

func (s *Server) vector(ctx context.Context, expr string) (model.Vector, error) {
	answer, err := s.query(ctx, expr, time.Time{})
	if err != nil {
		return nil, err
	}
	vector, ok := answer.(model.Vector)
	if !ok {
		return nil, s.wrap(fmt.Errorf("%s gives a %s, not a vector: is this a Prometheus API?", expr, answer.Type()))
	}
	return vector, nil
}

// Partial is the error of an answer that came with warnings: something may be missing from it.
type Partial struct{ Warnings []string }

func (p Partial) Error() string {
	return "the answer may be partial: " + diag.Printable(strings.Join(p.Warnings, "; "))
}

// query evaluates an expression at a time, or at the server's present. An answer with a warning is
// returned with an error of type [Partial].
func (s *Server) query(ctx context.Context, expr string, at time.Time) (model.Value, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout,
		fmt.Errorf("no complete answer in %s: it is slow or hangs", s.timeout))
	defer cancel()
	answer, warnings, _, err := s.api.Query(ctx, expr, at)
	if err != nil {
		return nil, s.wrap(s.explain(ctx, err))
	}
	if len(warnings) > 0 {
		return answer, s.wrap(Partial{warnings[:min(len(warnings), 3)]})
	}
	return answer, nil
}

func (s *Server) wrap(err error) error { return fmt.Errorf("prometheus %s: %w", s.where, err) }

// refusal is an error that another try will not mend.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

// Hopeless reports whether another try will not mend an error.
func Hopeless(err error) bool { return errors.As(err, new(refusal)) }

// hints tells what to do about a status other than 200.
var hints = map[int]string{
	http.StatusUnauthorized: "it wants credentials: give scrape: {prometheus: {http: {basic_auth: {username: …, password: …}}}}, " +
		"authorization: {credentials: …}, or Mimir's tenant in http_headers: {X-Scope-OrgID: {values: [NAME]}}",
	http.StatusForbidden:       "the credentials under http do not permit the query",
	http.StatusNotFound:        "no query API there; url is what stands before /api/v1, such as http://127.0.0.1:9090 or http://mimir/prometheus",
	http.StatusTooManyRequests: "it limits the rate; try again later",
}

// explain returns an error with the reason, and what to do about it.
func (s *Server) explain(ctx context.Context, err error) error {
	var said *v1.Error
	var wrapped *url.Error
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, errTooLarge):
		return refusal{errTooLarge}
	case errors.As(err, &said):
	case errors.As(err, &wrapped):
		return wrapped.Err
	default:
		return err
	}
	switch code := s.way.status; {
	case said.Type == v1.ErrBadData, said.Type == v1.ErrExec, said.Type == v1.ErrTimeout, said.Type == v1.ErrCanceled:
		text := fmt.Errorf("status %d: it cannot carry out the query (it says %q)", code, brief(said.Msg))
		if said.Type == v1.ErrTimeout || said.Type == v1.ErrCanceled {
			return text
		}
		return refusal{text}
	case code/100 == 2:
		return refusal{fmt.Errorf("the answer is none of a Prometheus API (%s): is this the URL of one?", brief(said.Msg))}
	default:
		text := fmt.Sprintf("status %d", code)
		if hint := hints[code]; hint != "" {
			text += ": " + hint
		}
		if line, _, _ := strings.Cut(strings.TrimSpace(said.Detail), "\n"); line != "" {
			text += fmt.Sprintf(" (it says %q)", brief(line))
		}
		if code/100 == 5 || code == http.StatusTooManyRequests {
			return errors.New(text)
		}
		return refusal{errors.New(text)}
	}
}

// brief makes what a server says fit for a message.
func brief(text string) string {
	const most = 200
	if len(text) > most {
		text = text[:most] + "…"
	}
	return diag.Printable(text)
}

// sameHost refuses redirects to another host, which would be sent the credentials.
func sameHost(next *http.Request, via []*http.Request) error {
	if next.URL.Host != via[0].URL.Host {
		return refusal{fmt.Errorf("it redirects to another host, %s: give that one as url", diag.Printable(next.URL.Host))}
	}
	if len(via) > scrape.MaxRedirects {
		return refusal{fmt.Errorf("more than %d redirects", scrape.MaxRedirects)}
	}
	return nil
}

var errTooLarge = fmt.Errorf("the answer is larger than %d MB: narrow match", maxBytes>>20)

// bounded bounds the bodies of answers, has them screened, and remembers the last status.
type bounded struct {
	next   http.RoundTripper
	screen func(body []byte)
	status int
}

// RoundTrip implements http.RoundTripper.
func (b *bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	b.status = response.StatusCode
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBytes+1))
	err = errors.Join(err, response.Body.Close())
	switch {
	case len(body) > maxBytes:
		return nil, errTooLarge
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("the answer was cut short after %d bytes", len(body))
	case err != nil:
		return nil, err
	}
	if b.screen != nil {
		b.screen(body)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}
