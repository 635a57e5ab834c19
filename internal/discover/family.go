package discover

import (
	"maps"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/facts"
)

// Family is what was exposed of one.
type Family struct {
	Kind   string // its type
	Labels []string
}

// exposed returns the families that were seen, without those of the runtime.
func (r *reader) exposed() map[string]Family {
	all := map[string]Family{}
	for _, f := range r.store.Families(facts.Window{Name: "all", Start: r.first, End: r.last.Add(time.Second)}) {
		if facts.OfRuntime(f.Name) {
			continue
		}
		has := map[string]bool{}
		for _, label := range all[f.Name].Labels {
			has[label] = true
		}
		for label := range f.Labels {
			part := label == labels.BucketLabel && f.Type == "histogram" || label == "quantile" && f.Type == "summary"
			if !part {
				has[label] = true
			}
		}
		all[f.Name] = Family{f.Type, slices.Sorted(maps.Keys(has))}
	}
	return all
}
