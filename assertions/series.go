package assertions

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// labelSet is a set of labels in a form that can be compared and sorted.
type labelSet string

func keyOf(series map[string]string) labelSet {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(series)) {
		if name == "__name__" || series[name] == "" {
			continue
		}
		b.WriteString(strconv.Quote(name) + "=" + strconv.Quote(series[name]) + ",")
	}
	return labelSet(b.String())
}

// withoutName gives the labels that tell the series of one metric apart.
func withoutName(series map[string]string) map[string]string {
	out := maps.Clone(series)
	delete(out, "__name__")
	return out
}

// keep gives the labels of the named kind only.
func keep(series map[string]string, names []string) map[string]string {
	out := map[string]string{}
	for _, name := range names {
		if value := series[name]; value != "" {
			out[name] = value
		}
	}
	return out
}

// show writes labels as a person reads them: handler="list_pets", status="200".
func show(series map[string]string) string {
	parts := make([]string, 0, len(series))
	for _, name := range slices.Sorted(maps.Keys(series)) {
		if name != "__name__" {
			parts = append(parts, name+"="+strconv.Quote(series[name]))
		}
	}
	return strings.Join(parts, ", ")
}

// prefix puts the labels, when there are any, before a sentence.
func prefix(series map[string]string, text string) string {
	if s := show(series); s != "" {
		return s + ": " + text
	}
	return text
}

// MaxFindings bounds the findings of one check. What is left out is counted in a last finding.
const MaxFindings = 100

// bounded keeps the worst findings, in the order in which they came.
func bounded(all []Finding) []Finding {
	if len(all) <= MaxFindings {
		return all
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(all[b].Verdict, all[a].Verdict) })
	kept := order[:MaxFindings-1]
	left := Finding{Verdict: all[order[MaxFindings-1]].Verdict, Text: strconv.Itoa(len(all)-len(kept)) + " more series, none worse than those shown"}
	slices.Sort(kept)
	out := make([]Finding, 0, MaxFindings)
	for _, i := range kept {
		out = append(out, all[i])
	}
	return append(out, left)
}

// inOrder gives what each of the sets says, in the order of the labels.
func inOrder[T any](sets map[labelSet]*T, say func(*T) Finding) []Finding {
	findings := make([]Finding, 0, len(sets))
	for _, key := range slices.Sorted(maps.Keys(sets)) {
		findings = append(findings, say(sets[key]))
	}
	return findings
}
