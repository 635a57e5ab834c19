package facts

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// LabelSet is a set of labels in a form that can be compared and sorted.
type LabelSet string

// KeyOf returns the label set of a series.
func KeyOf(series map[string]string) LabelSet {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(series)) {
		if name == "__name__" || series[name] == "" {
			continue
		}
		b.WriteString(strconv.Quote(name) + "=" + strconv.Quote(series[name]) + ",")
	}
	return LabelSet(b.String())
}

// withoutName gives the labels that tell the series of one metric apart.
func WithoutName(series map[string]string) map[string]string {
	out := maps.Clone(series)
	delete(out, "__name__")
	return out
}

// keep gives the labels of the named kind only.
func Keep(series map[string]string, names []string) map[string]string {
	out := map[string]string{}
	for _, name := range names {
		if value := series[name]; value != "" {
			out[name] = value
		}
	}
	return out
}

// show writes labels as a person reads them: handler="list_pets", status="200".
func Show(series map[string]string) string {
	parts := make([]string, 0, len(series))
	for _, name := range slices.Sorted(maps.Keys(series)) {
		if name != "__name__" {
			parts = append(parts, name+"="+strconv.Quote(series[name]))
		}
	}
	return strings.Join(parts, ", ")
}

// prefix puts the labels, when there are any, before a sentence.
func Prefix(series map[string]string, text string) string {
	if s := Show(series); s != "" {
		return s + ": " + text
	}
	return text
}

// Disagree reports whether two sets of labels have a label with different values.
func Disagree(a, b map[string]string) bool {
	for name, value := range a {
		if other, both := b[name]; both && other != value {
			return true
		}
	}
	return false
}

// LabelNames lists the labels that any series of the answer has a value of, sorted, without the name
// of the metric.
func (a Answer) LabelNames() []string {
	used := map[string]bool{}
	for _, s := range a.Series {
		for name, value := range s.Labels {
			if name != "__name__" && value != "" {
				used[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(used))
}

// ByLabels returns the values of an answer by their label sets.
func ByLabels(a Answer) map[LabelSet]float64 {
	values := map[LabelSet]float64{}
	for _, s := range a.Series {
		values[KeyOf(s.Labels)] = s.Value
	}
	return values
}
