package discover

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// learn finds out what the labels of a counter stand for.
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
