package run

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/load"
	"brrtload/internal/scrape"
	"brrtload/internal/signals"
	"brrtload/scenarios"
)

// endpoints are the places to scrape: the target's own, and the further ones of the scenario. Those
// at the target are asked the way the hits go, unless the scenario says how.
func endpoints(s *scenarios.Scenario, hits load.Options, screen *signals.Screen) []scrape.Target {
	way := hits.Way()
	endpoint := func(name, url string, client scenarios.Client) scrape.Target {
		t := scrape.Target{Name: name, URL: url, HTTP: client.Settings()}
		if strings.HasPrefix(url, "/") {
			t.URL = hits.BaseURL + url
		}
		if !client.Given() && sameOrigin(t.URL, hits.BaseURL) {
			t.Way = way
		}
		return t
	}
	var list []scrape.Target
	if s.OwnMetrics() {
		list = append(list, endpoint("target", cmp.Or(s.Target.Metrics.Value, "/metrics"), s.Scrape.HTTP))
	}
	for _, e := range s.Scrape.Endpoints {
		t := endpoint(e.Name.Value, e.URL.Value, e.HTTP)
		t.Labels = labels.FromStrings("endpoint", e.Name.Value)
		t.EachAddress = e.Resolve == scenarios.ResolveAll
		list = append(list, t)
	}
	for i, t := range list {
		list[i].Screen = func(body []byte, contentType string) { screen.Exposition(t.Name, body, contentType) }
	}
	return list
}

// sameOrigin reports whether two URLs have the same scheme, host and port.
func sameOrigin(a, b string) bool {
	one, err := url.Parse(a)
	other, failed := url.Parse(b)
	return err == nil && failed == nil && one.Scheme == other.Scheme && one.Host == other.Host
}
