package http1

import (
	"bufio"
	"io"
	"net"
	neturl "net/url"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/internal/load/dial"
	"brrtload/internal/load/hit"
	"brrtload/scenarios"
)

// echo returns both ends of a connection over the loopback interface, the second one echoing.
func echo(t *testing.T) net.Conn {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, listener.Close()) })
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			io.Copy(conn, conn) //nolint:errcheck // it ends with the connection
			conn.Close()        //nolint:errcheck
		}
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, conn.Close()) })
	return conn
}

// An answer that is read late came when it came.
func TestTheKernelKnowsWhenAnAnswerCame(t *testing.T) {
	conn := echo(t)
	s := newSocket(conn)
	require.True(t, s.raiseLowWater())
	b := make([]byte, 10)
	for range 5 { // the kernel begins to note times some moments after it was first asked to
		_, err := s.send(conn, []byte("hello"), false)
		require.NoError(t, err)
		time.Sleep(50 * time.Millisecond)
		n, err := s.Read(b)
		require.NoError(t, err)
		require.Equal(t, "hello", string(b[:n]))
	}
	require.Greater(t, s.age(), 40*time.Millisecond)
}

// A read of a socket with a raised low-water mark waits for what is not there yet, however little
// it is, and resets the mark.
func TestAReadResetsTheLowWaterMark(t *testing.T) {
	conn := echo(t)
	s := newSocket(conn)
	require.True(t, s.raiseLowWater())
	time.AfterFunc(20*time.Millisecond, func() {
		_, err := conn.Write([]byte("x"))
		assert.NoError(t, err)
	})
	n, err := s.Read(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.False(t, s.raised)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	_, err = s.Read(make([]byte, 10))
	require.ErrorIs(t, err, io.EOF)
}

// answering returns the URL of a server that answers every request with this many bytes, and
// allocates nothing for one.
func answering(t *testing.T, response string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, listener.Close()) })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				requests, answer := bufio.NewReader(conn), []byte(response)
				for {
					line, err := requests.ReadSlice('\n')
					if err != nil {
						conn.Close() //nolint:errcheck // the client has gone
						return
					}
					if len(line) == 2 {
						conn.Write(answer) //nolint:errcheck // nor does it matter here
					}
				}
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// oneHit makes a client of a target, with one connection, and a hit for it.
func oneHit(t *testing.T, url string, w *WakeUps) (*Client, scenarios.Hit) {
	t.Helper()
	file := "target: {url: http://x}\nstages: [{rate: 5000, duration: 1h}]\nrequests: [{post: /b, body: hello}]\n"
	s, err := scenarios.Load(fstest.MapFS{"s.yaml": {Data: []byte(file)}}, "s.yaml")
	require.NoError(t, err)
	p, err := s.Plan(1)
	require.NoError(t, err)
	base, err := neturl.Parse(url)
	require.NoError(t, err)
	start := time.Now()
	target := dial.Target{Base: base, Connections: 1, Timeout: time.Minute}
	c := New(target, p, func() time.Duration { return time.Since(start) }, w)
	t.Cleanup(c.Close)
	return c, p.Hit(0)
}

// A hit is done when its answer came, though the wake-up of its connection was deferred.
func TestADeferredWakeUpIsNotServiceTime(t *testing.T) {
	w := &WakeUps{}
	c, h := oneHit(t, answering(t, plainResponse), w)
	for range 5 { // the kernel begins to note times some moments after it was first asked to
		require.Equal(t, hit.Answered, c.Send(0, h).Outcome)
		time.Sleep(10 * time.Millisecond)
	}
	c.connections[0].expected = maxDeferral
	w.next = 1
	const wait = 50 * time.Millisecond
	time.AfterFunc(wait, func() { w.Tick(0, 0) })
	began := time.Now()
	r := c.Send(0, h)
	require.GreaterOrEqual(t, time.Since(began), wait, "it waited")
	require.Equal(t, hit.Answered, r.Outcome)
	require.Less(t, r.Done-r.Sent, wait/2)
}

func TestNothingIsAllocatedForAHitOnASocket(t *testing.T) {
	w := &WakeUps{}
	c, h := oneHit(t, answering(t, plainResponse), w)
	require.Zero(t, testing.AllocsPerRun(200, func() { c.Send(0, h) }))
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for now := time.Duration(0); ; now += 2 * time.Second {
			select {
			case <-stop:
				w.Tick(0, 0)
				return
			default:
				w.Tick(now, now+maxDeferral)
				time.Sleep(100 * time.Microsecond)
			}
		}
	}()
	require.Zero(t, testing.AllocsPerRun(200, func() {
		c.connections[0].expected = maxDeferral
		c.Send(0, h)
	}), "those whose wake-ups are deferred")
	require.True(t, c.connections[0].socket.raised)
	close(stop)
	<-ended
}

const plainResponse = "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
