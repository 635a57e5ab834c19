package run

import (
	"context"
	"time"

	"brrtload/internal/load"
	"brrtload/internal/process"
	"brrtload/internal/record"
)

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
	found := record.Answerers{}
	found.Look(pid, r.target.URL, list[0].URL)
	r.client.AnsweredBy(found)
}

// watchAnswerers looks who answers while the load is sent: a worker that closes each connection
// after its answer has one only now and then, and few connections may all be one worker's. A single
// process is looked at once.
func (r *runner) watchAnswerers(ctx context.Context) {
	port := record.LocalPort(r.target.URL)
	r.lookWhoAnswers()
	if len(r.client.Unused()) > 0 {
		r.loop.Redial()
	}
	for range mostLooks {
		unused := r.client.Unused()
		if len(unused) == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(looksApart):
			r.client.Use(process.Connected(unused, port))
		}
	}
}

const (
	looksApart = 50 * time.Millisecond
	mostLooks  = 100
)
