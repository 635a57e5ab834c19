package run

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"brrtload/internal/facts"
	"brrtload/internal/load"
	"brrtload/internal/memtrace"
	"brrtload/internal/scrape"
	"brrtload/reports"
	"brrtload/scenarios"
)

// traceGrace is how long a target may take to end under a tool, which writes its file then.
const traceGrace = time.Minute

// traceAt has profiles fetched from the target, and fetches one: an address without profiles is found
// out before the load.
func (r *runner) traceAt(ctx context.Context, hits load.Options) error {
	if !r.tracer.Fetches() {
		return nil
	}
	at := profileAt(r.Scenario, r.target.Admin, hits)
	client, err := at.Client()
	if err != nil {
		return end{reports.Untraced, err}
	}
	local := r.target.Process != nil
	if u, err := url.Parse(at.URL); err == nil {
		local = local || isLocal(u.Hostname())
	}
	r.tracer.At(client, at.URL, local)
	return r.traceEdge(ctx)
}

// traceEdge fetches a profile while no hit is under way.
func (r *runner) traceEdge(ctx context.Context) error {
	if err := r.tracer.Fetch(ctx, true); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return ends(reports.Untraced, "memory: %w", err)
	}
	return nil
}

// traceAfter fetches the last profile. What was measured stands without it.
func (r *runner) traceAfter(ctx context.Context) {
	if err := r.traceEdge(ctx); err != nil && ctx.Err() == nil {
		r.tracer.Lose(err)
	}
}

// profileAt returns where profiles are, and how that is reached: as the metrics are, where it is on
// their host.
func profileAt(s *scenarios.Scenario, admin string, hits load.Options) scrape.Target {
	base, metrics := hits.BaseURL, hits.BaseURL
	if list := endpoints(s, hits, nil); s.OwnMetrics() && len(list) > 0 {
		base, metrics = list[0].URL, list[0].URL
	}
	if admin != "" {
		base = admin
	}
	t := scrape.Target{Name: memtrace.Dir, URL: s.Memory.URL.Value, HTTP: scenarios.Client{}.Settings()}
	if t.URL == "" {
		t.URL = scenarios.DefaultProfilePath
	}
	if strings.HasPrefix(t.URL, "/") {
		t.URL = originOf(base) + t.URL
	}
	switch {
	case s.Scrape.HTTP.Given() && sameHost(t.URL, metrics):
		t.HTTP = s.Scrape.HTTP.Settings()
	case !s.Scrape.HTTP.Given() && sameOrigin(t.URL, hits.BaseURL):
		t.Way = hits.Way()
	}
	return t
}

// originOf returns a URL without its path and query; it keeps a password.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return (&url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}).String()
}

func sameHost(a, b string) bool {
	one, err := url.Parse(a)
	other, failed := url.Parse(b)
	return err == nil && failed == nil && one.Hostname() == other.Hostname()
}

// readTrace reads what the tool saw, once the target has ended if it runs under it, and puts it into
// the evidence and the report.
func (r *runner) readTrace() {
	r.tracer.Redact(r.Scenario.Redactor())
	if r.tracer == nil || slices.Contains([]reports.End{reports.Unreachable, reports.Untraced}, r.report.End) {
		return
	}
	w, _ := r.store.Window(facts.Run)
	run := memtrace.Window{Start: w.Start, End: w.End}
	if run.End.IsZero() {
		run.End = time.Now()
	}
	p, err := r.tracer.Read()
	if err == nil {
		r.report.Memory = r.tracer.Section(p, run, r.ledger.Counts().Sent)
		err = r.tracer.Write(r.store, p, run)
	}
	if err != nil {
		r.report.Memory = r.tracer.SectionLost(err)
		if err := r.tracer.WriteLost(r.store, err, run.End); err != nil {
			r.note("memory: %v", err)
		}
	}
	for _, note := range memtrace.Notes(r.report.Memory) {
		r.note("%s", note)
	}
}
