package run

import (
	"cmp"
	"context"
	"net"
	"net/url"
	"strconv"

	"brrtload/internal/load"
	"brrtload/internal/process"
	"brrtload/internal/record"
	"brrtload/internal/service"
	"brrtload/scenarios"
)

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
	r.client.Served.Foreign = stranger && r.Scenario.Target.Listener != scenarios.AnyListener
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
func (r *runner) identify(pid int) record.Served {
	s := r.client.Served
	started, err := process.Started(pid)
	if err != nil {
		return s
	}
	s.Started, s.Peers = started, map[int]float64{}
	var others []int
	list := endpoints(r.Scenario, load.Options{BaseURL: r.target.URL}, r.intake.Screen)
	if len(list) == 0 {
		return s
	}
	s.Exposes, others = r.target.Exposes(list[0].URL)
	for _, other := range others {
		if at, err := process.Started(other); err == nil {
			s.Peers[other] = record.Unix(at)
		}
	}
	return s
}

// watchTarget has the CPU and memory recorded of the process that serves. What a wrapper around it
// uses would say nothing of it.
func (r *runner) watchTarget() {
	pid, err := r.target.PID()
	if err != nil {
		r.note("the target's CPU and memory are not recorded, and what it reports of them is not compared: %v", err)
		return
	}
	r.report.Target.PID = pid
	r.client.Served = r.identify(pid)
	r.client.Watch = append(r.client.Watch, record.Watched{PID: pid, CPU: record.SeriesCPU, Resident: record.SeriesResident})
}
