// Package discover learns by experiment how a service counts its requests.
//
// In goes the URL of a service that runs. Each kind of request is sent alone, in a number that no
// other kind has, with a settled scrape between: a series that increases by that number counts that
// kind. Out comes [Learned], which can be shown as a table ([Learned.Rows]) and written as a
// scenario that holds the service to what was learned ([Learned.Scenario]). Names are the first
// guess only. Read experiment.go next.
package discover

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"brrtload/internal/evidence"
)

// MaxHits bounds the requests that one discovery sends, scrapes left out.
const MaxHits = 200

// Options say where to look.
type Options struct {
	URL     string   // of the service
	Metrics string   // a URL, or a path of the service; found when empty
	Paths   []string // known paths; found when empty
	OpenAPI string   // a file or a URL; looked for when empty and no path is known
	// Headers are fields of every request, each "NAME: VALUE"; ${VARIABLE} in a value is the
	// variable's.
	Headers []string
	// Unsafe allows POST, without a body: the method that a known path does not have.
	Unsafe bool
	// Progress receives one line a step, if not nil.
	Progress func(line string)
}

// Learned is what the experiment found.
type Learned struct {
	URL             string // of the service, without a path
	Metrics         string // where it was scraped: a path of the service, or a URL
	Families        int
	Paths           []Path
	PathsFrom       string // how they were found
	Sent            int    // requests, scrapes left out
	Steps           []Step
	Instrumentation *Instrumentation // nil when no profile fits the names
	Counter         *Counter         // nil when no series counted the requests
	Duration        *Duration        // nil when none timed them
	InFlight        *InFlight        // nil when no gauge looks like one
	Age             time.Duration    // the longest that a count took to be exposed
	Restless        []string         // metrics that increase without any request of ours, runtimes left out
	Process         string           // what is known of the processes behind the two ports
	Turns           bool             // several processes answer scrapes in turn, each with its own counts
	Unversioned     bool             // the exposition's content type has no version
	Calibrated      Calibration

	fields   []field           // that every request shows
	scraping []string          // settings of scrapes, as a scenario writes them
	exposed  map[string]family // by name
}

// Path is a path that the service knows.
type Path struct {
	Path   string
	Status int // what GET was answered with
}

// ErrUsage marks a mistake in the options.
var ErrUsage = errors.New("usage")

// ErrUnreachable marks a service or a metrics endpoint that could not be read.
var ErrUnreachable = errors.New("unreachable")

// Run carries the experiment out: some seconds, at most [MaxHits] requests, safe methods only (GET,
// HEAD, OPTIONS).
func Run(ctx context.Context, o Options) (*Learned, error) {
	base, err := url.Parse(o.URL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("%w: invalid URL; want http://host:port", ErrUsage)
	}
	if base.User != nil {
		return nil, fmt.Errorf(
			"%w: the URL has a password; a scenario reads one from the environment: see credentials in docs/scenarios.md",
			ErrUsage,
		)
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if path := base.EscapedPath(); path != "" && path != "/" && len(o.Paths) == 0 {
		o.Paths = []string{base.RequestURI()}
	}
	origin := base.Scheme + "://" + base.Host
	dir, err := os.MkdirTemp("", "brrtload-init")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // nothing else can be done about it
	store, err := evidence.Create(dir)
	if err != nil {
		return nil, err
	}
	defer store.Close() //nolint:errcheck // nothing of it is kept
	shown, err := fields(o.Headers)
	if err != nil {
		return nil, err
	}
	s := newSender(origin, shown)
	defer s.close()
	l := &Learned{URL: origin, fields: shown}
	if _, err := s.get(ctx, "/"); err != nil {
		return nil, fmt.Errorf("%w: %s: %w; is the service running?", ErrUnreachable, origin, err)
	}
	o.Progress("looking for paths")
	if l.Paths, l.PathsFrom, err = findPaths(ctx, s, o); err != nil {
		return nil, err
	}
	o.Progress("looking for the metrics endpoint")
	r, metrics, err := findEndpoint(ctx, store, origin, o.Metrics, shown)
	if err != nil {
		return nil, err
	}
	defer r.endpoint.Close()
	l.Metrics, l.scraping = metrics, r.settings
	e := &experiment{sender: s, reader: r, paths: l.Paths, unsafe: o.Unsafe, progress: o.Progress}
	if err := e.run(ctx); err != nil {
		return nil, err
	}
	l.Sent, l.Steps, l.Age, l.Families = s.sent, e.steps, r.age, r.families
	l.Restless = r.restlessNames()
	l.Turns, l.Unversioned = r.turns > 0, r.untyped
	known := e.recognised()
	if !l.Turns {
		l.Counter = findCounter(e, known)
		l.Duration = findDuration(e, l.Counter)
		l.InFlight = e.inFlight()
	}
	l.exposed = r.exposed()
	l.Instrumentation = l.confirmed(known)
	l.Calibrated = e.calibrated(l.Duration)
	l.Process = l.processes(base, r)
	return l, nil
}

// isURL distinguishes an address from a path.
func isURL(text string) bool {
	return strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://")
}
