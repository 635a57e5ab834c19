package discover

import (
	"cmp"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// Duration is the histogram or summary that times the service's requests.
type Duration struct {
	Family  string
	Buckets bool    // false of a summary
	Unit    string  // s, ms, µs or ns
	Scale   float64 // of the unit, a second
	// Confirmed says that the experiment confirmed the unit; otherwise it is the name's.
	Confirmed bool
	Counts    map[string]float64 // how many requests of each kind it timed
	Raw       string             // the label that has a value for each unmatched path; empty when there is none
	Scrapes
}

var (
	timing = regexp.MustCompile(`(?i)duration|latency|seconds|millis|response_time|request_time|_time|_ms$`)
	sizing = regexp.MustCompile(`(?i)bytes|size|length`)
)

// units are those of times, by the names that families end in.
var units = []struct {
	unit   string
	scale  float64
	suffix *regexp.Regexp
}{
	{"s", 1, regexp.MustCompile(`(?i)seconds$`)},
	{"ms", 1e3, regexp.MustCompile(`(?i)(milliseconds|millis|_ms)$`)},
	{"µs", 1e6, regexp.MustCompile(`(?i)(microseconds|micros|_us)$`)},
	{"ns", 1e9, regexp.MustCompile(`(?i)(nanoseconds|nanos|_ns)$`)},
}

// findDuration returns the family that timed the known requests exactly; of several, the one with
// buckets that times most.
func findDuration(e *experiment, c *Counter) *Duration {
	var all []*Duration
	for name := range e.exact() {
		family, isCount := strings.CutSuffix(name, "_count")
		if !isCount || !timing.MatchString(family) || sizing.MatchString(family) {
			continue
		}
		d := &Duration{Family: family, Counts: map[string]float64{}, Buckets: len(e.of(family+"_bucket")) > 0}
		for _, s := range e.steps {
			d.Counts[s.Kind] += e.sums(s)[name]
		}
		route := ""
		if c != nil {
			route = c.Route
		}
		d.Scrapes = e.scrapesOf(name, route)
		d.measureUnit(e)
		d.Raw = e.rawLabel(name)
		all = append(all, d)
	}
	if len(all) == 0 {
		return nil
	}
	return slices.MaxFunc(all, func(a, b *Duration) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(b.Family, a.Family))
	})
}

func (d *Duration) rank() int {
	rank := int(d.Counts[Unmatched])
	if d.Buckets {
		rank += 100
	}
	if likely.MatchString(d.Family) {
		rank += 50
	}
	if d.PerScrape == 0 || d.Label != "" { // its times are of requests alone
		rank += 30
	}
	return rank
}

// measureUnit takes the unit from the name and holds it against the client's own clock: the
// service's part cannot take longer than the whole.
func (d *Duration) measureUnit(e *experiment) {
	d.Unit, d.Scale = "s", 1
	named := false
	for _, u := range slices.Backward(units) {
		if u.suffix.MatchString(d.Family) {
			d.Unit, d.Scale, named = u.unit, u.scale, true
			break
		}
	}
	var theirs float64
	var ours time.Duration
	for _, s := range e.known() {
		for _, x := range e.by(s, d.Family+"_sum", "") {
			theirs += x
		}
		ours += s.took
	}
	if theirs <= 0 || ours <= 0 || d.PerScrape > 0 && d.Label == "" {
		return
	}
	const room = 1.2 // for clocks read at other moments
	for _, u := range units {
		fits := theirs <= room*ours.Seconds()*u.scale
		if fits && (u.unit == d.Unit || !named) {
			d.Unit, d.Scale, d.Confirmed = u.unit, u.scale, true
			return
		}
	}
}

// TimesAll reports whether it timed as many of each kind as the counter counted.
func (d *Duration) TimesAll(c *Counter) bool {
	return c != nil && maps.Equal(nonzero(d.Counts), nonzero(c.Counts))
}

func nonzero(of map[string]float64) map[string]float64 {
	kept := maps.Clone(of)
	maps.DeleteFunc(kept, func(_ string, n float64) bool { return n == 0 })
	return kept
}

// InFlight is the gauge of requests in flight.
type InFlight struct {
	Name      string
	Confirmed bool // it rose while requests were in flight, and came back; otherwise only its name says so
	Counts    bool // it counts the scrape that reads it
}

var inFlight = regexp.MustCompile(
	`(?i)in_?flight|in_?progress|active_requests|requests_active|requests_pending|current_requests`,
)

// inFlight returns the gauge that rose and came back; or one of that name.
func (e *experiment) inFlight() *InFlight {
	found := map[string]*InFlight{}
	for _, g := range e.gauges {
		name := g.series.Labels.Get(model.MetricNameLabel)
		if !inFlight.MatchString(name) || !g.steady {
			continue
		}
		if found[name] == nil {
			found[name] = &InFlight{Name: name}
		}
		found[name].Confirmed = found[name].Confirmed || g.peak > g.rest && g.after == g.rest
		found[name].Counts = found[name].Counts || g.rest > 0
	}
	var best *InFlight
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if best == nil || found[name].Confirmed && !best.Confirmed {
			best = found[name]
		}
	}
	return best
}

// Calibration is what a short load measured.
type Calibration struct {
	Hits      int
	ClientP99 time.Duration // from the due time
	Service   time.Duration // the bucket bound that 99 % of the service's own times are below; 0 when not known
	Mean      time.Duration // of the service's own times; 0 when not known
	Beyond    bool          // more than 1 % are above the last bucket
}

// Limit is 5 times a measured time, rounded up to one digit, and at least 100 ms: a CI machine has
// bad moments.
func Limit(measured time.Duration) time.Duration {
	limit := max(100*time.Millisecond, 5*measured)
	digit := time.Duration(math.Pow10(int(math.Log10(float64(limit)))))
	return (limit + digit - 1) / digit * digit
}

func (e *experiment) calibrated(d *Duration) Calibration {
	c := Calibration{Hits: len(e.latency)}
	if c.Hits == 0 {
		return c
	}
	slices.Sort(e.latency)
	c.ClientP99 = e.latency[int(math.Ceil(0.99*float64(c.Hits)))-1]
	last := e.steps[len(e.steps)-1]
	if d == nil || last.Kind != Load {
		return c
	}
	bounds := map[float64]float64{}
	for key, n := range last.delta {
		x := e.series[key]
		if x.Labels.Get(model.MetricNameLabel) != d.Family+"_bucket" ||
			d.Label != "" && x.Labels.Get(d.Label) == d.Value {
			continue
		}
		if bound, err := strconv.ParseFloat(x.Labels.Get(labels.BucketLabel), 64); err == nil {
			bounds[bound] += n
		}
	}
	total := bounds[math.Inf(1)]
	for _, bound := range slices.Sorted(maps.Keys(bounds)) {
		if total > 0 && bounds[bound] >= 0.99*total {
			if c.Beyond = math.IsInf(bound, 1); !c.Beyond {
				c.Service = time.Duration(bound / d.Scale * float64(time.Second))
			}
			break
		}
	}
	var all float64
	for _, x := range e.by(last, d.Family+"_sum", "") {
		all += x
	}
	if n := e.sums(last)[d.Family+"_count"]; n > 0 && all > 0 {
		c.Mean = time.Duration(all / n / d.Scale * float64(time.Second))
	}
	return c
}
