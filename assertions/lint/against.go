// Package lint finds before a run what assertions cannot mean: names and labels that are not there,
// windows that are too short, sides that could never meet. It goes by what an assertion says of
// itself.
package lint

import (
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

// Against holds assertions against what a service exposes now, before any load: mistakes are what
// does not fit it, each where it is written; warnings are metrics that may come with their first
// event. Those of packs are not looked at: they do not apply where they do not fit.
func Against(list []assertions.Assertion, families []facts.Family) (mistakes, warnings diag.List) {
	v := promql.VocabularyOf(families)
	for _, a := range list {
		about := a.About()
		if _, pack := about.Position.Shipped(); pack || about.Position == (diag.Position{}) {
			continue
		}
		for _, q := range about.Queries {
			for _, m := range q.Misfits(v) {
				d := q.ErrorAt(m.Place, m.Text)
				switch {
				case facts.OfClient(m.Metric): // reported without a service
				case !m.Absent, written(m.Metric, v.Names(false)):
					mistakes = append(mistakes, d)
				case !about.MayBeMissing:
					d.Message += "; it may come with its first event"
					warnings = append(warnings, d)
				}
			}
		}
		if d, found := classesOf(about.Sides, v); found {
			mistakes = append(mistakes, d)
		}
		for _, name := range about.Histograms {
			if v.Has(name) {
				continue
			}
			d := diag.Diagnostic{Position: about.Position, Message: name + " is not exposed" + diag.DidYouMean(name,
				append(v.Names(false), v.Names(true)...))}
			if written(name, append(v.Names(false), v.Names(true)...)) {
				mistakes = append(mistakes, d)
			} else {
				d.Message += "; it may come with its first event"
				warnings = append(warnings, d)
			}
		}
	}
	return mistakes, warnings
}

// written reports whether a name is meant to be one of those that are known, but for two letters or
// a suffix.
func written(name string, known []string) bool {
	short := func(name string) string {
		for _, suffix := range []string{"_bucket", "_count", "_sum", "_total"} {
			name = strings.TrimSuffix(name, suffix)
		}
		return name
	}
	return promql.Misspelt(name, known) || slices.ContainsFunc(known, func(k string) bool { return short(k) == short(name) })
}

// classes finds a service that counts by class of status what the client counts by status.
func classesOf(s *assertions.Sides, v promql.Vocabulary) (diag.Diagnostic, bool) {
	if s == nil || !s.Client {
		return diag.Diagnostic{}, false
	}
	by, grouped := s.Server.Grouping()
	if !grouped || !promql.SameGrouping(s.Reference, s.Server) || s.Reference.Calls("label_replace") ||
		s.Server.Calls("label_replace") {
		return diag.Diagnostic{}, false
	}
	server, _ := v.LabelsOf(s.Server)
	client, _ := v.LabelsOf(s.Reference)
	for _, name := range by {
		if here, there := promql.DomainOf(client[name]), promql.DomainOf(server[name]); here.Known() && there.Known() &&
			here != there {
			return s.Server.Source().Errorf(`%s has %s here, and %s on the client's side; label_replace(..., %q, "${1}xx", %q, "(.)..") makes classes of codes`,
				name, there, here, name, name), true
		}
	}
	return diag.Diagnostic{}, false
}
