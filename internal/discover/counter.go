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

// Scrapes is whether a metric counts scrapes, and the label that leaves them out.
type Scrapes struct {
	PerScrape    float64
	Label, Value string // empty when no label tells scrapes from requests
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

func (c *Counter) learn(e *experiment) {
	names := map[string]bool{}
	for _, x := range e.of(c.Name) {
		x.Labels.Range(func(l labels.Label) { names[l.Name] = l.Name != model.MetricNameLabel })
	}
	for _, s := range e.steps {
		c.Counts[s.Kind] += e.sums(s)[c.Name]
	}
	for _, label := range slices.Sorted(maps.Keys(names)) {
		switch form, isStatus := e.statusForm(c.Name, label); {
		case !names[label]:
		case isStatus && c.Status == "":
			c.Status, c.Form = label, form
		case e.isMethod(c.Name, label):
			c.Method = cmp.Or(c.Method, label)
		case e.isRoute(c.Name, label):
			c.Route = cmp.Or(c.Route, label)
		}
	}
	c.Host = e.hostLabel(c.Name, slices.Sorted(maps.Keys(names)))
	for _, s := range e.steps {
		switch {
		case s.Kind == Abandoned && c.Status != "":
			c.Left = e.by(s, c.Name, c.Status)
		case s.Kind == Unmatched && c.Route != "":
			routes := e.by(s, c.Name, c.Route)
			c.Raw = len(routes) == ofUnmatched
			if len(routes) == 1 {
				c.Folded = slices.Collect(maps.Keys(routes))[0]
			}
		}
	}
	c.Scrapes = e.scrapesOf(c.Name, c.Route)
}

// statusForm reports whether a label shows the statuses that the client saw, wherever the metric
// counted all of a kind.
func (e *experiment) statusForm(name, label string) (Form, bool) {
	for _, form := range forms {
		fits := true
		for _, s := range e.steps {
			got := e.by(s, name, label)
			if len(s.Statuses) == 0 || e.sums(s)[name] != float64(s.Sent) {
				continue
			}
			want := map[string]float64{}
			for status, n := range s.Statuses {
				want[Shown(form, status)] += float64(n)
			}
			fits = fits && maps.Equal(got, want)
		}
		if fits {
			return form, true
		}
	}
	return "", false
}

// hostLabel returns the label that shows the Host of a request: callers make series with it.
func (e *experiment) hostLabel(name string, labels []string) string {
	for _, s := range e.steps {
		for _, label := range labels {
			if s.Kind == OtherHost && e.by(s, name, label)[otherHost] > 0 {
				return label
			}
		}
	}
	return ""
}

// rawLabel returns the label that has a value of its own for each unmatched path.
func (e *experiment) rawLabel(name string) string {
	for _, s := range e.steps {
		if s.Kind != Unmatched {
			continue
		}
		var names []string
		for _, x := range e.of(name) {
			x.Labels.Range(func(l labels.Label) { names = append(names, l.Name) })
		}
		slices.Sort(names)
		for _, label := range slices.Compact(names) {
			if len(e.by(s, name, label)) == ofUnmatched {
				return label
			}
		}
	}
	return ""
}

func (e *experiment) isMethod(name, label string) bool {
	for _, s := range e.known() {
		for value := range e.by(s, name, label) {
			if !strings.EqualFold(value, "GET") {
				return false
			}
		}
	}
	return true
}

// routing is what labels of routes are called.
var routing = regexp.MustCompile(`(?i)path|route|ur[il]|handler|endpoint|view|target`)

// isRoute reports whether the values of a label are known paths; or whether it is called like one
// and distinguishes the requests.
func (e *experiment) isRoute(name, label string) bool {
	known, unmatched := map[string]string{}, map[string]float64{}
	for _, s := range e.steps {
		switch s.Kind {
		case Known:
			path, _, _ := strings.Cut(s.Path, "?")
			for value := range e.by(s, name, label) {
				if value == path {
					return true
				}
				known[value] = path
			}
		case Unmatched:
			unmatched = e.by(s, name, label)
		}
	}
	if _, lacks := known[""]; lacks || !routing.MatchString(label) {
		return false
	}
	for value := range unmatched {
		if known[value] == "" {
			return true
		}
	}
	return len(known) > 1
}

// scrapesOf finds out whether a metric counts scrapes, and by which label they can be left out: one
// with a value that no request had.
func (e *experiment) scrapesOf(name, route string) Scrapes {
	var s Scrapes
	scraped, hit := map[string]map[string]bool{}, map[string]map[string]bool{}
	note := func(of map[string]map[string]bool, lset labels.Labels) {
		lset.Range(func(l labels.Label) {
			if of[l.Name] == nil {
				of[l.Name] = map[string]bool{}
			}
			of[l.Name][l.Value] = true
		})
	}
	for key, x := range e.of(name) {
		step, restless := e.reader.steps[key], e.reader.restless[key] != ""
		if step != 0 || restless {
			s.PerScrape += max(step, 1)
			note(scraped, x.Labels)
		}
	}
	if s.PerScrape == 0 {
		return s
	}
	for _, step := range e.steps {
		for key := range step.delta {
			if x := e.series[key]; x.Labels.Get(model.MetricNameLabel) == name {
				note(hit, x.Labels)
			}
		}
	}
	for _, label := range append([]string{route}, slices.Sorted(maps.Keys(scraped))...) {
		if values := slices.Collect(maps.Keys(scraped[label])); len(values) == 1 && !hit[label][values[0]] {
			s.Label, s.Value = label, values[0]
			return s
		}
	}
	return s
}

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
