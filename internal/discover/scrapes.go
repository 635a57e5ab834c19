package discover

import (
	"maps"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// Scrapes is whether a metric counts scrapes, and the label that leaves them out.
type Scrapes struct {
	PerScrape    float64
	Label, Value string // empty when no label tells scrapes from requests
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
