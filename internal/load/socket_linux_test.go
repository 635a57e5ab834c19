package load

import (
	"bufio"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// echo gives both ends of a connection over the loopback interface, the second one echoing.
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
	require.True(t, s.hush())
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

// A read of a hushed socket waits for what is not there yet, however little it is, and is the end of its hush.
func TestAReadEndsTheHush(t *testing.T) {
	conn := echo(t)
	s := newSocket(conn)
	require.True(t, s.hush())
	time.AfterFunc(20*time.Millisecond, func() {
		_, err := conn.Write([]byte("x"))
		assert.NoError(t, err)
	})
	n, err := s.Read(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.False(t, s.hushed)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	_, err = s.Read(make([]byte, 10))
	require.ErrorIs(t, err, io.EOF)
}

// answering gives the URL of a server that answers every request with so many bytes, and allocates nothing for one.
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

// A hit is done when its answer came, though its worker waited for the bell.
func TestWaitingForTheBellIsNotServiceTime(t *testing.T) {
	p := planOf(t, steadyMix)
	start, b := time.Now(), &bell{}
	c, err := Options{BaseURL: answering(t, plainResponse), Connections: 1, Timeout: time.Minute}.carrier(p, func() time.Duration { return time.Since(start) }, b)
	require.NoError(t, err)
	defer c.close()
	for range 5 { // the kernel begins to note times some moments after it was first asked to
		require.Equal(t, Answered, c.carry(0, p.Hit(0)).Outcome)
		time.Sleep(10 * time.Millisecond)
	}
	c.(*lanes).all[0].expected = patience
	b.next = 1
	const wait = 50 * time.Millisecond
	time.AfterFunc(wait, func() { b.ring(0, 0) })
	began := time.Now()
	r := c.carry(0, p.Hit(1))
	require.GreaterOrEqual(t, time.Since(began), wait, "it waited")
	require.Equal(t, Answered, r.Outcome)
	require.Less(t, r.Done-r.Sent, wait/2)
}

func TestNothingIsAllocatedForAHitOnASocket(t *testing.T) {
	p := planOf(t, steadyMix)
	start, b := time.Now(), &bell{}
	since := func() time.Duration { return time.Since(start) }
	c, err := Options{BaseURL: answering(t, plainResponse), Connections: 1, Timeout: time.Minute}.carrier(p, since, b)
	require.NoError(t, err)
	defer c.close()
	transport := newTransport(p, NewLedger(p), c, since)
	require.Zero(t, testing.AllocsPerRun(200, func() { transport.send(0, turn{n: 1}) }))
	stop, rung := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(rung)
		for now := time.Duration(0); ; now += 2 * time.Second {
			select {
			case <-stop:
				b.ring(0, 0)
				return
			default:
				b.ring(now, now+patience)
				time.Sleep(100 * time.Microsecond)
			}
		}
	}()
	lane := c.(*lanes).all[0]
	require.Zero(t, testing.AllocsPerRun(200, func() {
		lane.expected = patience
		transport.send(0, turn{n: 1})
	}), "those read at the bell")
	require.True(t, lane.socket.hushed)
	close(stop)
	<-rung
}
