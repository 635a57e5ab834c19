package discover

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/profile"
	"brrtload/internal/scrape"
)

// Counter is the metric that counts the service's requests.
type Counter struct {
	Name   string
	Type   model.MetricType
	Status string // the label of the status; empty when there is none
	Form   Form   // of its values
	Route  string // the label of the route; empty when there is none
	Method string // the label of the method; empty when there is none
	// Counts is how many requests of each kind it counted.
	Counts map[string]float64
	// Raw says that each unmatched path made a series of its own.
	Raw bool
	// Folded is the route of unmatched paths, when it is one.
	Folded string
	// Host is the label that shows the Host that a request asked for; empty when there is none.
	Host string
	// Left is which statuses abandoned requests were counted with.
	Left map[string]float64
	Scrapes

	known   bool // a profile names it
	buckets bool // it is the count of a histogram
}

// Form is how a label shows a status.
type Form = profile.Form

// The forms of a status.
const (
	Codes        = profile.Codes
	Classes      = profile.Classes
	UpperClasses = profile.UpperClasses
	Digits       = profile.Digits
)

var forms = []Form{Codes, Classes, UpperClasses, Digits}

// Shown returns a status in a form.
func Shown(f Form, status int) string {
	class := strconv.Itoa(status / 100)
	switch f {
	case Classes:
		return class + "xx"
	case UpperClasses:
		return class + "XX"
	case Digits:
		return class
	}
	return strconv.Itoa(status)
}

// findCounter returns the metric that counted the known requests exactly; of several, the one that
// distinguishes and counts most.
func findCounter(e *experiment, known *profile.Profile) *Counter {
	var all []*Counter
	for name := range e.exact() {
		c := &Counter{Name: name, Counts: map[string]float64{}, Left: map[string]float64{}}
		for key := range e.of(name) {
			c.Type = e.series[key].Type
		}
		c.known = known != nil && known.Counter == name
		c.buckets = len(e.of(strings.TrimSuffix(name, "_count")+"_bucket")) > 0
		c.learn(e)
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil
	}
	return slices.MaxFunc(all, func(a, b *Counter) int {
		return cmp.Or(
			cmp.Compare(a.rank(), b.rank()),
			cmp.Compare(len(b.Name), len(a.Name)),
			cmp.Compare(b.Name, a.Name),
		)
	})
}

// likely is what metrics of HTTP requests are called.
var likely = regexp.MustCompile(`(?i)http|request`)

func (c *Counter) rank() int {
	rank := 0
	add := func(condition bool, weight int) {
		if condition {
			rank += weight
		}
	}
	add(c.Status != "", 100)
	add(c.Counts[Unmatched] == ofUnmatched, 16)
	add(likely.MatchString(c.Name), 12)
	add(!sizing.MatchString(c.Name), 10)
	add(c.Type == model.MetricTypeCounter, 8)
	add(c.Counts[Head] == ofHead, 4)
	add(c.Route != "", 2)
	add(c.known, 30)
	add(c.buckets, 1)
	return rank
}

// exact returns the metrics that counted the rounds of known requests exactly. The first round is
// left out: what was sent before it may come late.
func (e *experiment) exact() map[string]bool {
	found := map[string]bool{}
	for i, s := range e.known()[1:] {
		sums := e.sums(s)
		for name := range sums {
			if i == 0 && sums[name] == float64(s.Sent) {
				found[name] = true
			}
		}
		maps.DeleteFunc(found, func(name string, _ bool) bool { return sums[name] != float64(s.Sent) })
	}
	return found
}

func (e *experiment) known() []Step { return e.steps[:min(len(knownRounds), len(e.steps))] }

// sums adds up what a step did to each metric that may count requests.
func (e *experiment) sums(s Step) map[string]float64 {
	sums := map[string]float64{}
	for key, d := range s.delta {
		if name, ok := counts(e.series[key]); ok {
			sums[name] += d
		}
	}
	return sums
}

// counts returns the metric of a series that may count requests: a counter, or the count of a
// histogram or summary.
func counts(x scrape.Value) (string, bool) {
	name := x.Labels.Get(model.MetricNameLabel)
	partial := x.Labels.Has(labels.BucketLabel) || x.Labels.Has("quantile") ||
		strings.HasSuffix(name, "_sum") && x.Type != model.MetricTypeCounter
	return name, !partial && !ignored(x)
}

// of returns what is known of a metric's series.
func (e *experiment) of(name string) map[string]scrape.Value {
	found := map[string]scrape.Value{}
	for key, x := range e.series {
		if x.Labels.Get(model.MetricNameLabel) == name {
			found[key] = x
		}
	}
	return found
}

// by adds up what a step did to a metric, by the values of a label.
func (e *experiment) by(s Step, name, label string) map[string]float64 {
	sums := map[string]float64{}
	for key, d := range s.delta {
		if x := e.series[key]; x.Labels.Get(model.MetricNameLabel) == name {
			sums[x.Labels.Get(label)] += d
		}
	}
	return sums
}

// routing is what labels of routes are called.
var routing = regexp.MustCompile(`(?i)path|route|ur[il]|handler|endpoint|view|target`)

// Countable reports whether it counted all requests of a kind, or none.
func (c *Counter) Countable(kind string) (all, none bool) {
	sent := map[string]float64{
		Known:     sum(knownRounds),
		Unmatched: ofUnmatched,
		Head:      ofHead,
		Asked:     ofOptions,
		Abandoned: ofAbandoned,
		OtherHost: ofOtherHost,
		Wrong:     ofWrong,
		Load:      loadHits,
	}
	return c.Counts[kind] == sent[kind], c.Counts[kind] == 0
}

func sum(of []int) (total float64) {
	for _, n := range of {
		total += float64(n)
	}
	return total
}
