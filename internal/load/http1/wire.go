package http1

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"

	"brrtload/internal/load/dial"
	"brrtload/scenarios"
)

// wire writes messages in HTTP/1.1, as they are.
type wire struct {
	host      string
	user      string // the Authorization of the base URL's user; empty when it has none
	prefix    string // of every path
	keepAlive bool
	ready     [][]byte // by Message.Index
}

func newWire(base *url.URL, keepAlive bool, p *scenarios.Plan) *wire {
	w := &wire{host: base.Host, user: dial.Authorization(base), keepAlive: keepAlive,
		prefix: strings.TrimSuffix(base.EscapedPath(), "/")}
	for _, m := range p.Messages() {
		w.ready = append(w.ready, w.write(m))
	}
	return w
}

// bytes returns the bytes to send for a message; they are not to be changed.
func (w *wire) bytes(m *scenarios.Message) []byte {
	if m.Index >= 0 {
		return w.ready[m.Index]
	}
	return w.write(m)
}

// write adds what a request must have and the scenario did not write: Host, User-Agent,
// Content-Length, Connection.
func (w *wire) write(m *scenarios.Message) []byte {
	b := make([]byte, 0, 256+len(m.Body))
	b = append(b, m.Method+" "+w.prefix+m.Path+" HTTP/1.1\r\n"...)
	field := func(name, value string) { b = append(b, name+": "+value+"\r\n"...) }
	unless := func(name, value string) {
		for _, f := range m.Header {
			if strings.EqualFold(f.Name, name) {
				return
			}
		}
		field(name, value)
	}
	unless("Host", w.host)
	unless("User-Agent", dial.UserAgent)
	if w.user != "" {
		unless("Authorization", w.user)
	}
	for _, f := range m.Header {
		field(f.Name, f.Value)
	}
	if len(m.Body) > 0 || m.Method == "POST" || m.Method == "PUT" || m.Method == "PATCH" {
		unless("Content-Length", strconv.Itoa(len(m.Body)))
	}
	if !w.keepAlive {
		unless("Connection", "close")
	}
	b = append(b, "\r\n"...)
	return append(b, m.Body...)
}

// withTrace writes a message into a buffer with the traceparent field after the request line.
func withTrace(b, message []byte, t scenarios.Trace) []byte {
	line := bytes.IndexByte(message, '\n') + 1
	b = append(b, message[:line]...)
	b = append(b, scenarios.TraceHeader+": "...)
	b = append(t.AppendTo(b), "\r\n"...)
	return append(b, message[line:]...)
}
