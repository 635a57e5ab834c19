package validate

import (
	"cmp"
	"context"
	"net/url"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/lint"
	"brrtload/internal/diag"
	"brrtload/internal/exposed"
	"brrtload/internal/scrape"
	"brrtload/scenarios"
)

// against holds what a file asserts against what a service exposes: its endpoint is read once, as a
// run of the scenario would read it.
func against(ctx context.Context, where string, s *scenarios.Scenario,
	list []assertions.Assertion) (families int, warnings diag.List, err error) {
	base, err := url.Parse(where)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return 0, nil, diag.Mistakef("--against %s: invalid URL; want http://host:port or http://host:port/path", where)
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
	shown, err := exposed.At(ctx, targets)
	if err != nil {
		return 0, nil, exposed.Unreachable{Err: err}
	}
	mistakes, warnings := lint.Against(list, shown)
	return len(shown), warnings, mistakes.Err()
}
