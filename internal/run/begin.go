package run

import (
	"context"
	"net"

	"brrtload/internal/load"
	"brrtload/internal/load/dial"
	"brrtload/internal/record"
	"brrtload/internal/rounds"
	"brrtload/reports"
)

// start starts the target and prepares to scrape it.
func (r *runner) start(ctx context.Context) error {
	ctx, cancel := r.untilStop(ctx)
	defer cancel()
	r.report.Target = unstarted(r.Scenario.Target)
	var err error
	if r.intake, err = record.TakeIn(r.Scenario, r.Assertions, r.whole, r.Dir); err != nil {
		return end{reports.Unreachable, err} // a log that cannot be read, an address that is taken
	}
	r.client.Intake = r.intake
	if err := r.vacant(ctx); err != nil {
		return end{reports.Unreachable, err}
	}
	if r.target, err = startTarget(ctx, r.Scenario, r.Bundled, r.Dir, r.intake, r.tracer); err != nil {
		if context.Cause(ctx) != nil {
			return context.Canceled
		}
		return err
	}
	r.report.Target = reports.Target{Name: r.target.Name, URL: r.target.Shown()}
	r.client.Watch = append(r.client.Watch, record.Watched{PID: own, CPU: record.SeriesOwnCPU, Resident: record.SeriesOwnMemory})
	if r.target.Process != nil {
		r.whom()
		r.watchTarget()
	}
	r.say("target %s is ready at %s", r.target.Name, r.target.Shown())
	r.client.Served.All = r.group()
	r.watchStacks()
	if few := tooFew(r.Scenario.Connections, dial.Descriptors()); few != "" {
		r.say("%s", few)
		r.note("%s", few)
	}
	hits, err := load.For(r.Scenario, r.target.URL)
	if err != nil {
		return err
	}
	if err := r.traceAt(ctx, hits); err != nil {
		return err
	}
	targets, err := resolved(ctx, endpoints(r.Scenario, hits, r.intake.Screen), net.DefaultResolver.LookupNetIP)
	if err != nil {
		return end{reports.Unreachable, err}
	}
	if r.loop, err = rounds.New(r.store, r.Dir, targets...); err != nil {
		return err
	}
	if r.relay, err = r.newRelay(); err != nil {
		return err
	}
	r.client.Interval = r.Scenario.Scrape.Interval
	r.loop.Around(r.client.Record, r.client.Scraped)
	return nil
}
