package discover

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/facts"
)

// family is what was exposed of one.
type family struct {
	kind   string
	labels []string
}

// exposed returns the families that were seen, without those of the runtime.
func (r *reader) exposed() map[string]family {
	all := map[string]family{}
	for _, f := range r.store.Families(facts.Window{Name: "all", Start: r.first, End: r.last.Add(time.Second)}) {
		if facts.OfRuntime(f.Name) {
			continue
		}
		has := map[string]bool{}
		for _, label := range all[f.Name].labels {
			has[label] = true
		}
		for label := range f.Labels {
			part := label == labels.BucketLabel && f.Type == "histogram" || label == "quantile" && f.Type == "summary"
			if !part {
				has[label] = true
			}
		}
		all[f.Name] = family{f.Type, slices.Sorted(maps.Keys(has))}
	}
	return all
}

// Contract writes the families that were exposed as a contract: their types and labels, whatever
// the labels' values. Those that the scenario reads must be there. It is empty when scrapes show
// different processes.
func (l *Learned) Contract(name string) string {
	if l.Turns || len(l.exposed) == 0 {
		return ""
	}
	var f file
	f.say("# yaml-language-server: $schema=contract.schema.json")
	f.say(
		"# What %s exposes, as `brrtload init` saw it: dashboards and alerts rely on these names, types and labels.",
		l.URL,
	)
	f.say(
		"# Families of the language's runtime are left out. An optional family need not be there. For values and bounds on series as well:",
	)
	f.say("#   brrtload contract RUN -o %s", name)
	f.say("families:")
	for _, family := range slices.Sorted(maps.Keys(l.exposed)) {
		x := l.exposed[family]
		text := "type: " + x.kind
		if len(x.labels) > 0 {
			var each []string
			for _, label := range x.labels {
				each = append(each, quoted(label)+": '(?s).*'")
			}
			text += ", labels: {" + strings.Join(each, ", ") + "}"
		}
		if !l.reads(family) {
			text += ", optional: true"
		}
		f.say("  %s: {%s}", quoted(family), text)
	}
	return f.String()
}

// reads reports whether the scenario reads a family.
func (l *Learned) reads(family string) bool {
	return l.Counter != nil && (l.Counter.Name == family || strings.TrimSuffix(l.Counter.Name, "_count") == family) ||
		l.Duration != nil && l.Duration.Family == family || l.InFlight != nil && l.InFlight.Name == family
}
