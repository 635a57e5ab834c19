package scrape

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/prometheus/common/config"

	"brrtload/internal/diag"
)

// accept asks for the formats that Prometheus asks for when it takes native histograms: protobuf
// first, because it alone has both these and the times at which counters started.
const accept = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6," +
	"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5," +
	"text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3"

// MaxRedirects bounds the redirects followed.
const MaxRedirects = 3

// usualAnew is after how many scrapes a new connection is made: of several workers behind one port,
// each connection has one.
const usualAnew = 5

// fetcher gets the body of one endpoint.
type fetcher struct {
	client   *http.Client
	url      string
	timeout  time.Duration
	maxBytes int64
	screen   func(body []byte, contentType string)
	count    int
	anew     int    // after how many scrapes a new connection is made
	body     []byte // of the last fetch; its memory is used again
}

func newFetcher(t Target) (*fetcher, error) {
	u, err := url.Parse(t.URL)
	if err != nil { // the error would show the URL, and with it a password
		return nil, fmt.Errorf("scrape %s: invalid URL; want http://127.0.0.1:9102/metrics", t.Name)
	}
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("scrape %q: want a URL such as http://127.0.0.1:9102/metrics", u.Redacted())
	}
	client := &http.Client{Transport: t.Way}
	if t.Way == nil {
		var options []config.HTTPClientOption
		if t.Address != "" {
			options = append(options, config.WithDialContextFunc(func(ctx context.Context, network, to string) (net.Conn, error) {
				_, port, err := net.SplitHostPort(to)
				if err != nil {
					return nil, err
				}
				return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(t.Address, port))
			}))
		}
		if client, err = config.NewClientFromConfig(t.HTTP, "brrtload", options...); err != nil {
			return nil, fmt.Errorf("scrape %s: %w", u.Redacted(), err)
		}
	}
	if t.HTTP.FollowRedirects {
		client.CheckRedirect = checkRedirect
	}
	f := &fetcher{
		client: client, url: t.URL, timeout: DefaultTimeout, maxBytes: DefaultMaxBytes,
		screen: t.Screen, anew: usualAnew,
	}
	if f.screen == nil {
		f.screen = func([]byte, string) {}
	}
	if t.Timeout > 0 {
		f.timeout = t.Timeout
	}
	if t.MaxBytes > 0 {
		f.maxBytes = t.MaxBytes
	}
	return f, nil
}

// fetch returns the body, valid until the next fetch, and its content type.
func (f *fetcher) fetch(ctx context.Context) (body []byte, contentType string, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, f.timeout,
		fmt.Errorf("no complete answer in %s: it is slow or hangs; a longer timeout, or a faster endpoint", f.timeout))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url, nil)
	if err != nil {
		return nil, "", err
	}
	if f.count++; f.count%f.anew == 0 {
		f.client.CloseIdleConnections()
	}
	request.Header.Set("User-Agent", "brrtload")
	request.Header.Set("Accept", accept)
	request.Header.Set("Accept-Encoding", "identity") // compressing costs the target more than the bytes on loopback
	request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", strconv.FormatFloat(f.timeout.Seconds(), 'f', -1, 64))
	response, err := f.client.Do(request)
	if err != nil {
		return nil, "", because(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, "", answered{statusError(response, f.screen)}
	}
	if encoding := response.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, "", answered{refusal{fmt.Errorf("it answers with content encoding %q though identity was asked for",
			diag.Printable(encoding))}}
	}
	if err := f.read(response); err != nil {
		return nil, "", because(ctx, err)
	}
	f.screen(f.body, response.Header.Get("Content-Type"))
	return f.body, response.Header.Get("Content-Type"), nil
}

func (f *fetcher) read(response *http.Response) error {
	tooLarge := answered{refusal{fmt.Errorf("the body is larger than %d bytes, which is too much for one scrape; expose less", f.maxBytes)}}
	if response.ContentLength > f.maxBytes {
		return tooLarge
	}
	reader := io.LimitReader(response.Body, f.maxBytes+1)
	f.body = f.body[:0]
	for {
		if len(f.body) == cap(f.body) {
			f.body = append(f.body, 0)[:len(f.body)]
		}
		n, err := reader.Read(f.body[len(f.body):cap(f.body)])
		f.body = f.body[:len(f.body)+n]
		switch {
		case int64(len(f.body)) > f.maxBytes:
			f.body = nil // such a body's memory is not worth keeping
			return tooLarge
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return fmt.Errorf("the body was cut short after %d bytes", len(f.body))
		case err != nil:
			return err
		}
	}
}

// checkRedirect refuses other hosts, which would be sent the endpoint's credentials.
func checkRedirect(next *http.Request, via []*http.Request) error {
	switch {
	case next.URL.Host != via[0].URL.Host:
		return refusal{fmt.Errorf("it redirects to another host, %s: give that one as the endpoint",
			diag.Printable(next.URL.Host))}
	case len(via) > MaxRedirects:
		return refusal{fmt.Errorf("more than %d redirects", MaxRedirects)}
	}
	return nil
}
