package run

import (
	"cmp"
	"context"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"time"

	"brrtload/internal/evidence"
	"brrtload/internal/load"
	"brrtload/internal/process"
)

// answerers are the processes found to answer in place of each other; true are those that had a
// connection.
type answerers map[int]bool

// look adds the processes that answer scrapes in turn: several that listen at the port of the
// metrics, or one of the several that listen at the target's port.
func (a answerers) look(pid int, target, metrics string) {
	if port := localPort(metrics); port != 0 {
		exposing, busy := process.Answering(pid, port)
		if serving, used := process.Answering(pid, localPort(target)); len(exposing) == 1 &&
			slices.Contains(serving, exposing[0]) {
			exposing, busy = serving, used
		}
		for _, p := range exposing {
			a[p] = a[p] || slices.Contains(busy, p)
		}
	}
}

// localPort returns the port of a URL on this machine, and 0 of any other.
func localPort(address string) int {
	u, err := url.Parse(address)
	if err != nil {
		return 0
	}
	if ip, err := netip.ParseAddr(u.Hostname()); u.Hostname() != "localhost" && (err != nil || !ip.IsLoopback()) {
		return 0
	}
	n, _ := strconv.Atoi(cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme]))
	return n
}

// lookWhoAnswers looks which processes answer, while there are connections.
func (r *runner) lookWhoAnswers() {
	if r.Scenario.Target.Bundled != nil || !r.Scenario.OwnMetrics() {
		return // it is one process, or there are no metrics to compare with it
	}
	pid := 0
	if r.target.Process != nil {
		pid = r.target.Process.PID()
	}
	list := endpoints(r.Scenario, load.Options{BaseURL: r.target.URL}, nil)
	found := answerers{}
	found.look(pid, r.target.URL, list[0].URL)
	r.client.mu.Lock()
	defer r.client.mu.Unlock()
	r.client.answerers = r.client.answerers.after(found)
}

// after returns who answers once others were found. Those that are no longer there were replaced,
// by a supervisor, say, and do not answer beside the new ones; of several that answered beside each
// other, one that is left does not make them one.
func (a answerers) after(found answerers) answerers {
	if len(found) == 0 || len(found) == 1 && len(a) > 1 {
		return a
	}
	for p := range found {
		found[p] = found[p] || a[p]
	}
	return found
}

const (
	looksApart = 50 * time.Millisecond
	mostLooks  = 100
)

// watchAnswerers looks who answers while the load is sent: a worker that closes each connection
// after its answer has one only now and then. A single process is looked at once.
func (r *runner) watchAnswerers(ctx context.Context) {
	port := localPort(r.target.URL)
	r.lookWhoAnswers()
	for range mostLooks {
		unused := r.client.unused()
		if len(unused) == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(looksApart):
			r.client.use(process.Connected(unused, port))
		}
	}
}

// unused lists those of several processes of which no connection was seen.
func (c *client) unused() (pids []int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for p, busy := range c.answerers {
		if len(c.answerers) > 1 && !busy {
			pids = append(pids, p)
		}
	}
	return pids
}

// use takes in that connections of processes were seen.
func (c *client) use(pids []int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range pids {
		c.answerers[p] = true
	}
}

// writeAnswerers writes who answered the scrapes, and whether they were read. It needs the lock.
func (c *client) writeAnswerers(b *evidence.Batch) {
	if len(c.answerers) > 0 {
		busy := 0
		for _, connected := range c.answerers {
			if connected {
				busy++
			}
		}
		b.Add(named(seriesProcesses, "connected", "yes"), float64(busy))
		b.Add(named(seriesProcesses, "connected", "no"), float64(len(c.answerers)-busy))
	}
	for _, endpoint := range slices.Sorted(maps.Keys(c.watches)) {
		w := c.watches[endpoint]
		b.AddCounter(named(seriesTurns, "endpoint", endpoint), float64(w.turns))
		b.Add(named(seriesUp, "job", endpoint, "instance", w.instance), w.up)
	}
}

// instanceOf returns the host and port of a URL, as Prometheus writes an instance.
func instanceOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if u.Port() != "" {
		return u.Host
	}
	return net.JoinHostPort(u.Hostname(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
}
