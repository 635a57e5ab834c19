package main

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/tier"
)

// Where several processes listen and one was not seen with a connection, each scrape under load comes
// by a connection of its own. The child has the listener from its parent, as a worker has, and answers
// nothing.
func TestScrapesSeekTheProcessThatNoConnectionReached(t *testing.T) {
	tier.Long(t)
	f := service(t)
	file, err := f.Listener.(*net.TCPListener).File()
	require.NoError(t, err)
	worker := exec.Command("sleep", "60")
	worker.ExtraFiles = []*os.File{file}
	require.NoError(t, worker.Start())
	require.NoError(t, syscall.SetNonblock(int(file.Fd()), true)) // which os/exec has undone, for the fixture as well
	defer func() {
		require.NoError(t, worker.Process.Kill())
		require.Error(t, worker.Wait(), "it was killed")
	}()
	require.NoError(t, file.Close())
	var mu sync.Mutex
	scrapes, connections := 0, map[string]bool{}
	f.scraped = func(w http.ResponseWriter, r *http.Request) {
		if f.into() > loadTime/2 {
			mu.Lock()
			scrapes++
			connections[r.RemoteAddr] = true
			mu.Unlock()
		}
		f.expose(w, r)
	}
	o := f.load(t, "target: {url: "+f.URL+"}\nscrape: {interval: 50ms}\n"+scenario)
	mu.Lock()
	defer mu.Unlock()
	require.Greater(t, scrapes, 5, o.stdout)
	require.Greater(t, len(connections), scrapes/2, "connections of %d scrapes\n%s", scrapes, o.stdout)
}
