package load

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"brrtload/internal/load/hit"
)

// departing is an HTTP/2 server that takes this many streams on each connection. When another comes
// it sends GOAWAY, which says that it has not processed that one, and ends the connection once the
// others are answered.
type departing struct {
	each int

	mu      sync.Mutex
	taken   map[string]int // by path
	goaways int
}

func (d *departing) serve(c net.Conn) error {
	defer c.Close()
	if _, err := io.ReadFull(c, make([]byte, len(http2.ClientPreface))); err != nil {
		return err
	}
	f := http2.NewFramer(c, c)
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if err := f.WriteSettings(); err != nil {
		return err
	}
	last, n := uint32(0), 0
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return err
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				err = f.WriteSettingsAck()
			}
		case *http2.MetaHeadersFrame:
			if n++; n > d.each {
				d.mu.Lock()
				d.goaways++
				d.mu.Unlock()
				return f.WriteGoAway(last, http2.ErrCodeNo, nil)
			}
			last = frame.StreamID
			d.mu.Lock()
			d.taken[frame.PseudoValue("path")]++
			d.mu.Unlock()
			err = f.WriteHeaders(http2.HeadersFrameParam{StreamID: last, BlockFragment: status200(), EndHeaders: true, EndStream: true})
		}
		if err != nil {
			return err
		}
	}
}

func status200() []byte {
	var b bytes.Buffer
	_ = hpack.NewEncoder(&b).WriteField(hpack.HeaderField{Name: ":status", Value: "200"})
	return b.Bytes()
}

// What a server says it did not process is sent on another connection, whatever the method, and the
// server gets each hit once.
func TestHitsAfterGoAwayAreSentOnAnotherConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &departing{each: 3, taken: map[string]int{}}
	var accepting, serving sync.WaitGroup
	var connections []net.Conn
	accepting.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			connections = append(connections, c)
			serving.Go(func() { _ = server.serve(c) })
		}
	})
	p := planOf(t, "target: {url: http://example.test}\nstages: [{rate: 10, duration: 10s}]\nrequests: [{get: '/g{{.Seq}}'}, {post: '/p{{.Seq}}', body: hello}]\n")
	c := carrying(t, p, Options{BaseURL: "http://" + listener.Addr().String(), Connections: 4, Timeout: 30 * time.Second, H2C: true})
	const hits = 20
	for n := range uint64(hits) {
		r := c.carry(p.Hit(n))
		assert.Equal(t, hit.Answered, r.Outcome, "hit %d: %v", n, r.Err)
	}
	c.Close()
	require.NoError(t, listener.Close())
	accepting.Wait()
	for _, c := range connections { // the client closes those that it knows to be idle
		_ = c.Close()
	}
	serving.Wait()
	require.GreaterOrEqual(t, server.goaways, 3)
	require.Len(t, server.taken, hits)
	for path, n := range server.taken {
		require.Equal(t, 1, n, path)
	}
}
