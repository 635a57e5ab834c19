package discover

import (
	"errors"
	"strings"
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

// Path is a path that the service knows.
type Path struct {
	Path   string
	Status int // what GET was answered with
}

// ErrUsage marks a mistake in the options.
var ErrUsage = errors.New("usage")

// ErrUnreachable marks a service or a metrics endpoint that could not be read.
var ErrUnreachable = errors.New("unreachable")

// isURL distinguishes an address from a path.
func isURL(text string) bool {
	return strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://")
}

// usualPaths are where services expose their metrics, the most usual first.
var usualPaths = []string{
	"/metrics",
	"/actuator/prometheus",
	"/q/metrics",
	"/metrics/prometheus",
	"/stats/prometheus",
	"/prometheus",
	"/-/metrics",
}
