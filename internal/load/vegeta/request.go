package vegeta

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"brrtload/internal/load/dial"
	"brrtload/internal/load/hit"
	"brrtload/scenarios"
)

// request makes net/http's form of a hit's message. Its body is never nil, and can be had twice
// over HTTP/2 only, which keeps net/http from sending a hit again by itself. Over HTTP/2 it does so
// with what the target has said that it did not process: the streams after a GOAWAY's last one.
func (c *Client) request(h scenarios.Hit) *http.Request {
	m := h.Message
	request := &http.Request{
		Method: m.Method, Host: c.base.Host, ContentLength: int64(len(m.Body)), URL: c.url(m.Path),
		Header: http.Header{"User-Agent": {dial.UserAgent}},
	}
	if len(m.Body) > 0 || m.Method == http.MethodGet || m.Method == http.MethodHead {
		body := func() io.ReadCloser { return io.NopCloser(bytes.NewReader(m.Body)) }
		request.Body = body()
		request.GetBody = func() (io.ReadCloser, error) {
			if !c.http2.Load() {
				return nil, hit.ErrKeptClosed
			}
			return body(), nil
		}
	}
	for _, f := range m.Header {
		switch {
		case strings.EqualFold(f.Name, "Host"):
			request.Host = f.Value
		case strings.EqualFold(f.Name, "User-Agent"):
			request.Header["User-Agent"] = []string{f.Value}
		default:
			request.Header[f.Name] = append(request.Header[f.Name], f.Value)
		}
	}
	shown := slices.ContainsFunc(m.Header, func(f scenarios.Field) bool {
		return strings.EqualFold(f.Name, "Authorization")
	})
	if user := dial.Authorization(c.base); user != "" && !shown {
		request.Header.Set("Authorization", user)
	}
	if !h.Trace.IsZero() {
		request.Header[scenarios.TraceHeader] = []string{h.Trace.String()}
	}
	return request
}

// url returns the URL that net/http writes as the path was written.
func (c *Client) url(path string) *url.URL {
	path, query, asked := strings.Cut(strings.TrimSuffix(c.base.EscapedPath(), "/")+path, "?")
	u := &url.URL{Scheme: c.base.Scheme, Host: c.base.Host, Opaque: path,
		RawQuery: query, ForceQuery: asked && query == ""}
	switch {
	case c.transport.Proxy != nil && c.base.Scheme == "http":
		u.Opaque = "//" + c.base.Host + path
	case strings.HasPrefix(path, "//"): // as Opaque it would begin with a host
		u.Opaque, u.RawPath = "", path
		u.Path, _ = url.PathUnescape(path) //nolint:errcheck // what is no encoding is encoded then
	}
	return u
}
