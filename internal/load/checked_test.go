package load

import (
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/load/hit"
)

const checkedMix = `
target: {url: http://example.test}
stages: [{rate: 5000, duration: 1h}]
requests:
  - get: /a
    checks:
      - {header: Content-Type, contains: plain}
      - {name: greeting, matches: "^hell.$"}
      - {max_bytes: 10}
`

// An answer that fails a check is an error by its name, over both transports; its beginning is
// kept. One that passes is none.
func TestAnAnswerThatFailsACheckIsAnError(t *testing.T) {
	const wrong = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhowdy"
	for _, engine := range []Engine{FastHTTP, Vegeta} {
		t.Run(string(engine), func(t *testing.T) {
			n := 0
			server := serveScript(t, nil, func(c net.Conn, r *http.Request) bool {
				if n++; n == 2 {
					return say(wrong)(c, r)
				}
				return say(plainResponse)(c, r)
			})
			p := planOf(t, checkedMix)
			l := NewLedger(p)
			c := carrying(
				t,
				p,
				Options{
					BaseURL:     "http://" + server.Addr().String(),
					Connections: 1,
					Timeout:     10 * time.Second,
					Engine:      engine,
				},
			)
			for i := range uint64(3) {
				l.Begin()
				l.Add(p.Hit(i), c.carry(p.Hit(i)))
			}
			s := l.Snapshot()
			hits := map[hit.Kind]uint64{}
			for _, row := range s.Rows {
				require.Equal(t, hit.Answered, row.Outcome)
				require.Equal(t, row.Kind != hit.NoTrouble, row.Unexpected)
				hits[row.Kind] += row.Hits
			}
			require.Equal(t, map[hit.Kind]uint64{hit.NoTrouble: 2, "check greeting": 1}, hits)
			require.EqualValues(t, 2, l.Wanted())
			require.Len(t, s.Failures, 1)
			require.Equal(t, "howdy", s.Failures[0].Body)
		})
	}
}

// BenchmarkHitChecked is what a thousand hits cost whose answers are checked, beside those whose
// answers are not.
func BenchmarkHitChecked(b *testing.B) {
	const response = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 29\r\n\r\n" + `{"items":[{"id":1},{"id":2}]}`
	for _, c := range []struct{ name, checks string }{
		{"without", ""},
		{"header and size", "{header: Content-Type, contains: json}, {max_bytes: 100}"},
		{"body contains", "{contains: items}"},
		{"body matches", "{matches: '\"id\":\\d'}"},
		{"json", "{json: '$.items[1].id', equals: 2}"},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := planOf(
				b,
				"target: {url: http://example.test}\nstages: [{rate: max, duration: 1h, hits: 1000}]\nrequests: [{get: /a, checks: ["+c.checks+"]}]\n",
			)
			l := NewLedger(p)
			b.ReportAllocs()
			runs := uint64(0)
			for b.Loop() {
				runs++
				if err := Run(b.Context(), p, l, Options{BaseURL: "http://parrot", Connections: 64, Timeout: time.Hour, Dial: dialParrot(response)}); err != nil {
					b.Fatal(err)
				}
			}
			require.Equal(b, 1000*runs, l.Wanted())
		})
	}
}
