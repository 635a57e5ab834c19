package assertions

import (
	"maps"
	"slices"

	"brrtload/internal/facts"
)

// Intake lists what the assertions want.
func Intake(list []Assertion) facts.Wants {
	w := facts.Wants{Events: map[string]facts.EventWants{}, SpanLabels: map[string]string{}}
	for _, a := range list {
		wants := a.About().Intake
		for name, more := range wants.Events {
			known := w.Events[name]
			if known.Labels == nil {
				known.Labels = map[string]string{}
			}
			maps.Copy(known.Labels, more.Labels)
			known.Fields = append(known.Fields, more.Fields...)
			slices.Sort(known.Fields)
			known.Fields = slices.Compact(known.Fields)
			w.Events[name] = known
		}
		maps.Copy(w.SpanLabels, wants.SpanLabels)
		w.Attributes = append(w.Attributes, wants.Attributes...)
	}
	slices.Sort(w.Attributes)
	w.Attributes = slices.Compact(w.Attributes)
	return w
}
