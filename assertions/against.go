package assertions

import (
	"slices"
	"strings"

	"brrtload/internal/diag"
)

// Against holds assertions against what a service exposes now, before any load: mistakes are what does not fit it, each where it is written; warnings are
// metrics that may come with their first event. Those of packs are not looked at: they do not apply where they do not fit.
func Against(list []Assertion, families []Family) (mistakes, warnings diag.List) {
	v := exposed(families)
	for _, a := range list {
		about := a.About()
		if _, pack := about.Position.Shipped(); pack || about.Position == (diag.Position{}) {
			continue
		}
		for _, q := range queries(a) {
			for _, m := range q.misfits(v) {
				d := q.errorAt(m.place, m.text)
				switch {
				case clientSeries(m.metric): // reported without a service
				case !m.absent, written(m.metric, v.names(false)):
					mistakes = append(mistakes, d)
				case !mayBeMissing(a):
					d.Message += "; it may come with its first event"
					warnings = append(warnings, d)
				}
			}
		}
		if i, ok := a.(*Identity); ok {
			if d, found := i.classes(v); found {
				mistakes = append(mistakes, d)
			}
		}
		if x, ok := a.(*Agreement); ok {
			for _, name := range x.histograms() {
				if _, known := v.metrics[name]; known {
					continue
				}
				d := diag.Diagnostic{Position: x.At, Message: name + " is not exposed" + diag.DidYouMean(name, append(v.names(false), v.names(true)...))}
				if written(name, append(v.names(false), v.names(true)...)) {
					mistakes = append(mistakes, d)
				} else {
					d.Message += "; it may come with its first event"
					warnings = append(warnings, d)
				}
			}
		}
	}
	return mistakes, warnings
}

// written reports whether a name is meant to be one of those that are known, but for two letters or a suffix.
func written(name string, known []string) bool {
	short := func(name string) string {
		for _, suffix := range []string{"_bucket", "_count", "_sum", "_total"} {
			name = strings.TrimSuffix(name, suffix)
		}
		return name
	}
	return misspelt(name, known) || slices.ContainsFunc(known, func(k string) bool { return short(k) == short(name) })
}

// mayBeMissing reports whether the assertion says what a metric means that is not exposed.
func mayBeMissing(a Assertion) bool {
	switch a := a.(type) {
	case *Budget:
		return a.OnMissing == PassWhenMissing
	case *Identity:
		return a.OnAbsent == ZeroWhenMissing || a.OnAbsent == PassWhenMissing
	case *Liveness:
		return a.OnAbsent == PassWhenMissing
	}
	return false
}

// histograms lists the names that the agreement gives without a query.
func (a *Agreement) histograms() []string {
	var names []string
	if a.Within != nil {
		names = append(names, a.Within.Inner.Name(), a.Within.Outer.Name())
	}
	if a.Little != nil {
		names = append(names, a.Little.Wait.Name())
	}
	if a.Shape != nil {
		names = append(names, a.Shape.metrics()...)
	}
	return names
}

// classes finds a service that counts by class of status what the client counts by status.
func (i *Identity) classes(v vocabulary) (diag.Diagnostic, bool) {
	by, grouped := i.Server.grouping()
	if i.Client.IsZero() || !grouped || !sameGrouping(i.Client, i.Server) || i.Client.calls("label_replace") || i.Server.calls("label_replace") {
		return diag.Diagnostic{}, false
	}
	server, _ := v.below(i.Server.expr)
	client, _ := v.below(i.Client.expr)
	for _, name := range by {
		if c, s := domainOf(client[name]), domainOf(server[name]); c.known() && s.known() && c != s {
			return i.Server.text.Errorf(`%s has %s here, and %s on the client's side; label_replace(..., %q, "${1}xx", %q, "(.)..") makes classes of codes`, name, s, c, name, name), true
		}
	}
	return diag.Diagnostic{}, false
}
