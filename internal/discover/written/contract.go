package written

import (
	"maps"
	"slices"
	"strings"

	"brrtload/internal/discover"
)

// Contract writes the families that were exposed as a contract: their types and labels, whatever
// the labels' values. Those that the scenario reads must be there. It is empty when scrapes show
// different processes.
func Contract(l *discover.Learned, name string) string {
	if l.Turns || len(l.Exposed) == 0 {
		return ""
	}
	var f file
	f.say("# yaml-language-server: $schema=contract.schema.json")
	f.say("# What %s exposes, as `brrtload init` saw it: dashboards and alerts rely on these names, types and labels.",
		l.URL)
	f.say("# Families of the language's runtime are left out. An optional family need not be there. " +
		"For values and bounds on series as well:")
	f.say("#   brrtload contract RUN -o %s", name)
	f.say("families:")
	for _, family := range slices.Sorted(maps.Keys(l.Exposed)) {
		x := l.Exposed[family]
		text := "type: " + x.Kind
		if len(x.Labels) > 0 {
			var each []string
			for _, label := range x.Labels {
				each = append(each, discover.Quoted(label)+": '(?s).*'")
			}
			text += ", labels: {" + strings.Join(each, ", ") + "}"
		}
		if !reads(l, family) {
			text += ", optional: true"
		}
		f.say("  %s: {%s}", discover.Quoted(family), text)
	}
	return f.String()
}

// reads reports whether the scenario reads a family.
func reads(l *discover.Learned, family string) bool {
	return l.Counter != nil && (l.Counter.Name == family || strings.TrimSuffix(l.Counter.Name, "_count") == family) ||
		l.Duration != nil && l.Duration.Family == family || l.InFlight != nil && l.InFlight.Name == family
}
