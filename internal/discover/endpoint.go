package discover

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/common/config"

	"brrtload/internal/evidence"
	"brrtload/internal/scrape"
)

// usualPorts are where services and their exporters expose them on a port of its own.
var usualPorts = []string{"9090", "9100", "8081", "9102", "9113", "9464", "9091", "8405"}

// lookTime bounds one look for an endpoint.
const lookTime = 3 * time.Second

// findEndpoint returns a reader of the service's metrics and where they are: a path of the service,
// or a URL elsewhere on its host.
func findEndpoint(
	ctx context.Context,
	store *evidence.Store,
	origin, given string,
	shown []field,
) (*reader, string, error) {
	type place struct{ url, shown string }
	var places []place
	switch {
	case isURL(given):
		places = []place{{given, given}}
	case given != "":
		path := "/" + strings.TrimPrefix(given, "/")
		places = []place{{origin + path, path}}
	default:
		for _, path := range usualPaths {
			places = append(places, place{origin + path, path})
		}
		u, err := url.Parse(origin)
		if err != nil {
			return nil, "", err
		}
		for _, port := range usualPorts {
			if port != u.Port() {
				at := "http://" + net.JoinHostPort(u.Hostname(), port) + "/metrics"
				places = append(places, place{at, at})
			}
		}
	}
	var last error
	for _, p := range places {
		ways := []config.HTTPClientConfig{config.DefaultHTTPClientConfig}
		settings, written := scraping(shown)
		if strings.HasPrefix(p.url, origin+"/") && len(written) > 0 {
			ways = append(ways, settings) // what requests show may be asked of scrapes
		}
		for i, way := range ways {
			r := &reader{store: store, url: p.url}
			if r.settings = written; i == 0 {
				r.settings = nil
			}
			var err error
			if last, err = r.open(ctx, way); err != nil {
				return nil, "", fmt.Errorf("%w: %w", ErrUsage, err)
			}
			if last == nil {
				return r, p.shown, nil
			}
			if ctx.Err() != nil {
				return nil, "", context.Cause(ctx)
			}
		}
	}
	if given != "" {
		return nil, "", last
	}
	return nil, "", fmt.Errorf(
		"%w: no metrics at the usual paths (%s, …) nor at the usual ports of this host; name the endpoint with --metrics",
		ErrUnreachable,
		strings.Join(usualPaths[:3], ", "),
	)
}

// open looks for an exposition. An error is a mistake in its address; last is why none was found.
// Amid requests an endpoint may take longer than one that is looked for.
func (r *reader) open(ctx context.Context, way config.HTTPClientConfig) (last, err error) {
	target := scrape.Target{Name: "target", URL: r.url, HTTP: way, Timeout: lookTime}
	if r.endpoint, err = scrape.New(target, r.store); err != nil {
		return nil, err
	}
	_, last = r.read(ctx)
	r.endpoint.Close()
	if last == nil {
		target.Timeout = hitTime
		r.endpoint, err = scrape.New(target, r.store)
	}
	return last, err
}
