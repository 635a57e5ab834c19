package run

import (
	"cmp"
	"context"
	"net"
	"net/url"
	"strconv"
	"time"

	"brrtload/internal/evidence"
	"brrtload/internal/load"
	"brrtload/internal/process"
	"brrtload/internal/service"
	"brrtload/scenarios"
)

// served is what is known from outside of the process that serves, besides what it uses.
type served struct {
	foreign bool            // neither the command nor a process that it started listens at the target's address
	started time.Time       // of the process whose CPU and memory are recorded
	exposes bool            // it listens at the port of the metrics as well
	all     []int           // every process of the target that listens somewhere, if any is known
	peers   map[int]float64 // others that the command started and that listen somewhere, with their start times
}

// vacant reports by its error that something listens at the target's address before its command is
// started.
func (r *runner) vacant(ctx context.Context) error {
	t := r.Scenario.Target
	if len(t.Command) == 0 || t.Listener == scenarios.AnyListener {
		return nil
	}
	return service.Vacant(ctx, t.URL.Value, r.Scenario.Transport.Unix)
}

// whom finds out whether it is the target that answers, or a stranger.
func (r *runner) whom() {
	if path := r.Scenario.Transport.Unix; path != "" {
		r.target.AtSocket(path)
	}
	_, stranger := r.target.Stranger()
	r.client.served.foreign = stranger && r.Scenario.Target.Listener != scenarios.AnyListener
}

// group lists the processes of the target that are known: those that the command started and that
// listen, or those that listen at the port of a URL.
func (r *runner) group() []int {
	if r.target.Process == nil {
		u, err := url.Parse(r.target.URL)
		if err != nil || !isLocal(u.Hostname()) {
			return nil
		}
		port, _ := strconv.Atoi(u.Port())
		return process.Listeners(cmp.Or(port, 80))
	}
	return process.Peers(r.target.Process.PID())
}

// isLocal reports whether a host is this machine's own address by its name or number.
func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// identify collects what tells the process that serves from another one that exposes metrics.
func (r *runner) identify(pid int) served {
	s := r.client.served
	started, err := process.Started(pid)
	if err != nil {
		return s
	}
	s.started, s.peers = started, map[int]float64{}
	var others []int
	list := endpoints(r.Scenario, load.Options{BaseURL: r.target.URL}, r.intake.screen)
	if len(list) == 0 {
		return s
	}
	s.exposes, others = r.target.Exposes(list[0].URL)
	for _, other := range others {
		if at, err := process.Started(other); err == nil {
			s.peers[other] = unix(at)
		}
	}
	return s
}

func (s served) write(b *evidence.Batch) {
	if s.foreign {
		b.Add(named(seriesForeign), 1)
	}
	if s.started.IsZero() {
		return
	}
	b.Add(named(seriesStarted), unix(s.started))
	exposes := 0.0
	if s.exposes {
		exposes = 1
	}
	b.Add(named(seriesExposes), exposes)
	for pid, started := range s.peers {
		b.Add(named(seriesPeer, "pid", strconv.Itoa(pid)), started)
	}
}

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
