package record

import (
	"cmp"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"

	"brrtload/internal/evidence"
	"brrtload/internal/process"
)

// Answerers are the processes found to answer in place of each other; true are those that had a
// connection.
type Answerers map[int]bool

// Look adds the processes that answer scrapes in turn: several that listen at the port of the
// metrics, or one of the several that listen at the target's port.
func (a Answerers) Look(pid int, target, metrics string) {
	port, served := LocalPort(metrics), LocalPort(target)
	if port == 0 {
		return
	}
	exposing, busy := process.Answering(pid, port)
	if len(exposing) == 1 && served != port {
		if serving, used := process.Answering(pid, served); slices.Contains(serving, exposing[0]) {
			exposing, busy = serving, used
		}
	}
	for _, p := range exposing {
		a[p] = a[p] || slices.Contains(busy, p)
	}
}

// LocalPort returns the port of a URL on this machine, and 0 of any other.
func LocalPort(address string) int {
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

// after returns who answers once others were found. Those that are no longer there were replaced,
// by a supervisor, say, and do not answer beside the new ones; of several that answered beside each
// other, one that is left does not make them one.
func (a Answerers) after(found Answerers) Answerers {
	if len(found) == 0 || len(found) == 1 && len(a) > 1 {
		return a
	}
	for p := range found {
		found[p] = found[p] || a[p]
	}
	return found
}

// AnsweredBy takes in that these processes were found to answer.
func (c *Client) AnsweredBy(found Answerers) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answerers = c.answerers.after(found)
}

// Unused lists those of several processes of which no connection was seen.
func (c *Client) Unused() (pids []int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for p, busy := range c.answerers {
		if len(c.answerers) > 1 && !busy {
			pids = append(pids, p)
		}
	}
	return pids
}

// Use takes in that connections of processes were seen.
func (c *Client) Use(pids []int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range pids {
		c.answerers[p] = true
	}
}

// writeAnswerers writes who answered the scrapes, and whether they were read. It needs the lock.
func (c *Client) writeAnswerers(b *evidence.Batch) {
	if len(c.answerers) > 0 {
		busy := 0
		for _, connected := range c.answerers {
			if connected {
				busy++
			}
		}
		b.Add(Named(seriesProcesses, "connected", "yes"), float64(busy))
		b.Add(Named(seriesProcesses, "connected", "no"), float64(len(c.answerers)-busy))
	}
	for _, endpoint := range slices.Sorted(maps.Keys(c.watches)) {
		w := c.watches[endpoint]
		b.AddCounter(Named(seriesTurns, "endpoint", endpoint), float64(w.turns))
		b.Add(Named(seriesUp, "job", endpoint, "instance", w.instance), w.up)
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
