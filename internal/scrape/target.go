// Package scrape reads exposition endpoints into the evidence of a run.
//
// In goes a target: an [Endpoint] reads it again and again. Out come samples and metadata in a store
// of package internal/evidence, and a [Reading] of each scrape. [Kept.Replay] takes in what another
// server has scraped, as if it were being scraped now.
package scrape

import (
	"net/http"
	"time"

	"github.com/prometheus/common/config"
	"github.com/prometheus/prometheus/model/labels"
)

// Target is an endpoint to read.
type Target struct {
	Name string // as it stands in reports and file names
	URL  string
	HTTP config.HTTPClientConfig // TLS, authorization, proxy; redirects to another host are refused whatever it says
	// EachAddress says that each address of the host is an endpoint of its own: see package
	// internal/run. Address is then the one that is connected to, in place of the host.
	EachAddress bool
	Address     string
	// Way is how the endpoint is reached in place of HTTP, if not nil.
	Way http.RoundTripper
	// Labels are added to every series. A label of the same name in the exposition becomes
	// exported_NAME.
	Labels labels.Labels
	// Timeout bounds one scrape, its body included. 0 means DefaultTimeout.
	Timeout time.Duration
	// MaxBytes bounds the body. 0 means DefaultMaxBytes.
	MaxBytes int64
	// Screen is called with every body before it is parsed or kept, if not nil, and may change its
	// bytes but not their number.
	Screen func(body []byte, contentType string)
}

// What a target that does not say gets.
const (
	DefaultTimeout  = 5 * time.Second
	DefaultMaxBytes = 64 << 20
)

// Bounds on what one scrape may hold. They are far beyond what a Prometheus server could keep.
const (
	maxSeries       = 250_000
	maxLabels       = 64
	maxNameLength   = 1 << 10
	maxValueLength  = 16 << 10
	maxHelpLength   = 4 << 10
	maxExemplarsPer = 8
)
