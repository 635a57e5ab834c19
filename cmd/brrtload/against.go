package main

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"brrtload/assertions"
	"brrtload/assertions/lint"
	"brrtload/internal/diag"
	"brrtload/internal/evidence"
	"brrtload/internal/facts"
	"brrtload/internal/scrape"
	"brrtload/reports"
	"brrtload/scenarios"
)

// against holds what a file asserts against what a service exposes: its endpoint is read once, as a
// run of the scenario would read it.
func against(ctx context.Context, where string, s *scenarios.Scenario,
	list []assertions.Assertion) (families int, warnings diag.List, err error) {
	base, err := url.Parse(where)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return 0, nil, usage(fmt.Errorf("--against %s: invalid URL; want http://host:port or http://host:port/path",
			where))
	}
	targets := []scrape.Target{{Name: "target", URL: where}}
	absolute := func(of string) string {
		if strings.HasPrefix(of, "/") {
			return base.Scheme + "://" + base.Host + of
		}
		return of
	}
	if s != nil {
		targets[0].HTTP = s.Scrape.HTTP.Settings()
		for _, e := range s.Scrape.Endpoints {
			targets = append(targets, scrape.Target{Name: e.Name.Value, URL: absolute(e.URL.Value),
				HTTP: e.HTTP.Settings()})
		}
	}
	if strings.Trim(base.Path, "/") == "" {
		path := "/metrics"
		if s != nil {
			path = cmp.Or(s.Target.Metrics.Value, path)
		}
		targets[0].URL = absolute(path)
	}
	shown, err := readOnce(ctx, targets)
	if err != nil {
		return 0, nil, failure{reports.StatusUnreachable, err}
	}
	mistakes, warnings := lint.Against(list, shown)
	return len(shown), warnings, mistakes.Err()
}

// readOnce returns the families of all endpoints.
func readOnce(ctx context.Context, targets []scrape.Target) ([]facts.Family, error) {
	dir, err := os.MkdirTemp("", "brrtload-against")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // nothing else can be done about it
	store, err := evidence.Create(dir)
	if err != nil {
		return nil, err
	}
	defer store.Close() //nolint:errcheck // nothing of it is kept
	at := time.Now()
	for _, target := range targets {
		e, err := scrape.New(target, store)
		if err != nil {
			return nil, err
		}
		defer e.Close()
		batch := store.At(at)
		if _, err := e.Scrape(ctx, at, batch); err != nil {
			return nil, err
		}
		if err := batch.Commit(); err != nil {
			return nil, err
		}
	}
	return store.Families(facts.Window{Name: "now", Start: at, End: at}), nil
}
