package scenarios

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/internal/diag"
)

// Target is the service under test: the bundled one, a command to start, or a URL where it already
// runs.
type Target struct {
	At           diag.Position `yaml:",position"`
	Bundled      *Bundled      `yaml:"bundled"`       // the service that comes with brrtload; {} for one without faults
	Command      []string      `yaml:"command"`       // a program to start, and its arguments; it is reached at url. A path is beside the scenario, a bare name is looked up in PATH
	Env          Env           `yaml:"env"`           // variables of a started target, besides brrtload's own: text, {env: NAME} or {file: PATH}
	Dir          string        `yaml:"dir"`           // working directory of a started target, beside the scenario; that of brrtload by default
	URL          diag.Text     `yaml:"url"`           // where hits go; the bundled target announces its own
	Listener     Listener      `yaml:"listener"`      // at the url: "own" (by default), of the command or of what it starts; "any" for docker, ssh, systemd-run
	Ready        string        `yaml:"ready"`         // path that answers with a 2xx when the target is ready, or a URL elsewhere; "/ready" for the bundled one; without it any answer will do
	ReadyTimeout time.Duration `yaml:"ready_timeout"` // how long it may take until it is ready; 30s for a target that is started, 5s for one that runs already
	Metrics      diag.Text     `yaml:"metrics"`       // URL or path of its metrics, "/metrics" by default; "none" for a service without any
}

// Listener is what may listen at a target's url.
type Listener string

// The listeners. OwnListener is the default.
const (
	OwnListener Listener = "own"
	AnyListener Listener = "any"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *Listener) UnmarshalText(text []byte) error {
	switch *l = Listener(text); *l {
	case OwnListener, AnyListener:
		return nil
	default:
		return fmt.Errorf("want own or any, got %q", text)
	}
}

// Bundled is how the bundled target service is started.
type Bundled struct {
	Args   []string          `yaml:"args"`   // of targetsvc; see targetsvc --help
	Faults map[string]string `yaml:"faults"` // fault to its setting; SETTING@DURATION switches it on that long after the start
}

// Scrape is how the target's telemetry is read.
type Scrape struct {
	Interval   time.Duration `yaml:"interval"`   // between two scrapes; 250ms by default
	HTTP       Client        `yaml:"http"`       // how the target's own endpoint is reached; by default as the hits go, with the settings of transport
	Endpoints  []Endpoint    `yaml:"endpoints"`  // besides the target's own; none by default
	Prometheus *Prometheus   `yaml:"prometheus"` // a server that scrapes the service already: its samples are read, and nothing is scraped; none by default
}

// DefaultScrapeInterval is the interval of a scenario that does not say.
const DefaultScrapeInterval = 250 * time.Millisecond

// Endpoint is a further place to scrape.
type Endpoint struct {
	Name diag.Text `yaml:"name,required"` // the value of the label endpoint on its series
	URL  diag.Text `yaml:"url,required"`  // where it is scraped; a path is one of the target
	HTTP Client    `yaml:"http"`          // how it is reached: TLS, credentials, proxy, as Prometheus has it in http_config
	// one: the name in the URL is one endpoint, by default; all: each of its addresses is one,
	// named NAME-ADDRESS, as they are when the run begins
	Resolve Resolve `yaml:"resolve"`
}

// Resolve is how many endpoints the name in an endpoint's URL stands for.
type Resolve string

// The ways to resolve a name. ResolveOne is the default.
const (
	ResolveOne Resolve = "one"
	ResolveAll Resolve = "all"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Resolve) UnmarshalText(text []byte) error {
	return diag.Choose(r, text, ResolveOne, ResolveAll)
}

// Prometheus is a server that scrapes the service already: Prometheus, Thanos, Mimir, or another
// one with the same API.
type Prometheus struct {
	At    diag.Position `yaml:",position"`
	URL   diag.Text     `yaml:"url,required"`   // of the server: what stands before /api/v1
	Match diag.Text     `yaml:"match,required"` // a selector of all series of the service: '{job="shop"}'
	HTTP  Client        `yaml:"http"`           // how the server is reached: TLS, credentials, header fields, proxy, as Prometheus has it in http_config
}

func (s *Scenario) checkTarget(found *diag.List) {
	t := s.Target
	started := 0
	for _, given := range []bool{t.Bundled != nil, t.URL.Value != ""} {
		if given {
			started++
		}
	}
	switch {
	case t.At == (diag.Position{}): // missing, and said so already
	case started != 1:
		*found = append(*found, s.at(t.At, `a target is either "bundled" or has a "url"`))
	case t.Listener != "" && len(t.Command) == 0:
		*found = append(*found, s.at(t.At, `"listener" belongs to a "command"`))
	case t.Bundled != nil && len(t.Command) > 0:
		*found = append(*found, s.at(t.At, `the bundled target is started without a "command"`))
	}
	s.checkStart(found)
	if t.ReadyTimeout < 0 {
		*found = append(*found, s.at(s.place("target", "ready_timeout"), "ready_timeout must be above 0"))
	}
	CheckURL(t.URL, found)
	if u, err := url.Parse(t.URL.Value); err == nil && (u.RawQuery != "" || u.ForceQuery || u.Fragment != "") {
		*found = append(*found, t.URL.Errorf(`a target's URL has no query or fragment; give each request its "query"`))
	}
	CheckMetrics(t.Metrics, found)
	if s.Scrape.Interval <= 0 {
		*found = append(*found, s.at(s.place("scrape", "interval"), "scrape interval must be above 0"))
	}
	s.checkPrometheus(found)
	names := map[string]bool{}
	for _, e := range s.Scrape.Endpoints {
		checkURL(e.URL, true, found)
		if u, err := url.Parse(e.URL.Value); err == nil && e.Resolve == ResolveAll && u.Host == "" {
			*found = append(*found, e.URL.Errorf(`"resolve: all" needs a URL with the name to resolve`))
		}
		if names[e.Name.Value] {
			*found = append(*found, e.Name.Errorf("endpoint %q is given twice", e.Name.Value))
		}
		names[e.Name.Value] = true
	}
}

// NoMetrics stands for the metrics of a service that has none. Nothing is scraped of it, and only
// what the client saw is judged.
const NoMetrics = "none"

// OwnMetrics reports whether the target's own endpoint is scraped.
func (s *Scenario) OwnMetrics() bool {
	return s.Target.Metrics.Value != NoMetrics && s.Scrape.Prometheus == nil
}

// Scraped reports whether there is any telemetry to read.
func (s *Scenario) Scraped() bool {
	return s.OwnMetrics() || len(s.Scrape.Endpoints) > 0 || s.Scrape.Prometheus != nil
}

// selectors parses what matches series.
var selectors = parser.NewParser(parser.Options{})

// checkPrometheus wants one source of telemetry: a service that is read in two ways is counted
// twice.
func (s *Scenario) checkPrometheus(found *diag.List) {
	p := s.Scrape.Prometheus
	if p == nil {
		return
	}
	checkURL(p.URL, false, found)
	if u, err := url.Parse(p.URL.Value); err == nil && (u.RawQuery != "" || u.ForceQuery || u.Fragment != "") {
		*found = append(*found, p.URL.Errorf("a server's URL has no query or fragment; it is what stands before /api/v1"))
	}
	if len(s.Scrape.Endpoints) > 0 {
		*found = append(*found, s.at(s.place("scrape", "endpoints"),
			`with "prometheus" nothing is scraped: the service would be counted twice; leave out one of the two`))
	}
	if m := s.Target.Metrics; m.Value != "" && m.Value != NoMetrics {
		*found = append(*found, m.Errorf(`with "scrape: prometheus" nothing is scraped: leave out one of the two`))
	}
	if s.Scrape.HTTP.Given() {
		*found = append(*found, s.at(s.place("scrape", "http"),
			`with "prometheus" nothing is scraped; how the server is reached stands in prometheus: {http: …}`))
	}
	if p.Match.Value == "" {
		return
	}
	_, err := selectors.ParseMetricSelector(p.Match.Value)
	var mistakes parser.ParseErrors
	if errors.As(err, &mistakes) && len(mistakes) > 0 {
		start, end := int(mistakes[0].PositionRange.Start), int(mistakes[0].PositionRange.End)
		*found = append(*found, p.Match.ErrorAt(start, max(1, end-start), `want a selector such as {job="shop"}: %s`,
			mistakes[0].Err))
	} else if err != nil {
		*found = append(*found, p.Match.Errorf(`want a selector such as {job="shop"}: %s`, err))
	}
}

// CheckURL wants the URL of a target.
func CheckURL(text diag.Text, found *diag.List) { checkURL(text, false, found) }

// CheckMetrics wants the URL or the path of a target's metrics, or none.
func CheckMetrics(text diag.Text, found *diag.List) {
	switch {
	case text.Value == NoMetrics:
	case text.Value == "" && text.Position() != (diag.Position{}):
		*found = append(*found,
			text.Errorf(`want a URL, a path such as /metrics, or "none" for a service without metrics`))
	default:
		checkURL(text, true, found)
	}
}

// checkURL wants an absolute http URL, or a path where one may stand.
func checkURL(text diag.Text, path bool, found *diag.List) {
	if text.Value == "" {
		return
	}
	u, err := url.Parse(text.Value)
	switch {
	case err == nil && path && u.Scheme == "" && len(u.Path) > 0 && u.Path[0] == '/':
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		*found = append(*found, text.Errorf("want a URL like http://127.0.0.1:8080"))
	case u.Port() != "":
		if port, err := strconv.Atoi(u.Port()); err != nil || port > 65535 {
			*found = append(*found, text.Errorf("port %s is above 65535", u.Port()))
		}
	}
}
