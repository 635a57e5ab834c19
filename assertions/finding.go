package assertions

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"brrtload/internal/facts"
)

// MaxFindings bounds the findings of one check. What is left out is counted in a last finding.
const MaxFindings = 100

// Bounded keeps the worst findings, in the order in which they came.
func Bounded(all []Finding) []Finding {
	if len(all) <= MaxFindings {
		return all
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(all[b].Verdict, all[a].Verdict) })
	kept := order[:MaxFindings-1]
	left := Finding{Verdict: all[order[MaxFindings-1]].Verdict,
		Text: strconv.Itoa(len(all)-len(kept)) + " more series, none worse than those shown"}
	slices.Sort(kept)
	out := make([]Finding, 0, MaxFindings)
	for _, i := range kept {
		out = append(out, all[i])
	}
	return append(out, left)
}

// InOrder gives what each of the sets says, in the order of the labels.
func InOrder[T any](sets map[facts.LabelSet]*T, say func(*T) Finding) []Finding {
	findings := make([]Finding, 0, len(sets))
	for _, key := range slices.Sorted(maps.Keys(sets)) {
		findings = append(findings, say(sets[key]))
	}
	return findings
}

// Warned gives a finding for every warning of the engine: something may be missing from the answer.
func Warned(answers ...facts.Answer) []Finding {
	var findings []Finding
	for _, answer := range answers {
		for _, text := range answer.Warnings {
			findings = append(findings, Finding{Verdict: Inconclusive, Text: "the engine warns: " + text})
		}
	}
	return findings
}

// NoWindow is the finding for an assertion whose window the run does not have.
func NoWindow(w facts.Window) Finding {
	why := w.Missing
	if why == "" {
		why = "it was not reached, or a scrape at its edge is missing"
	}
	return Finding{Verdict: Inconclusive, Text: fmt.Sprintf("the run has no complete window %q: %s", w.Name, why)}
}

// Counting returns a number of things in words.
func Counting(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Finding is what was seen of one series, or one thing found wrong.
type Finding struct {
	Verdict Verdict           `json:"verdict"`
	Series  map[string]string `json:"series,omitempty"`
	// Text says it in a sentence.
	Text string `json:"text"`
	// Measured and the limit it was held against, in base units (seconds, bytes, ratio, count).
	Measured *float64 `json:"measured,omitempty"`
	Operator string   `json:"operator,omitempty"`
	Limit    *float64 `json:"limit,omitempty"`
	Unit     string   `json:"unit,omitempty"` // "s", "B", "ratio" or "": how a person wants to read it
	// Margin is the room left as a share of the limit: 0.25 is a quarter below it, negative is a
	// breach. Nil where the limit is 0.
	Margin *float64 `json:"margin,omitempty"`
	// Samples is how many stored samples the measured value was computed from.
	Samples int `json:"samples,omitempty"`
	// Count is set by identities.
	Count *Count `json:"count,omitempty"`
	// Metrics are the ones that an untruthful finding accuses. Without them it accuses all that the
	// assertion rests on.
	Metrics []string `json:"metrics,omitempty"`
	// NoOthers is the metric that shows that no other caller of the service made a surplus; empty
	// when none does.
	NoOthers string `json:"-"`
}

// Count is the two sides of an identity. Server must lie in [Client, Client+Ambiguous]; exact when
// Ambiguous is 0.
type Count struct {
	Client     float64 `json:"client"`
	Ambiguous  float64 `json:"ambiguous,omitempty"`
	Server     float64 `json:"server"`
	Difference float64 `json:"difference"` // distance of Server from the interval, signed; 0 when inside
}

func tighter(f, g Finding) bool {
	return f.Margin != nil && (g.Margin == nil || *f.Margin < *g.Margin)
}

// Differs reports whether the finding accuses because two counts differ.
func (f Finding) Differs() bool { return f.Count != nil && f.Verdict == Untruthful }

// Doubtful makes an accusation inconclusive.
func (f *Finding) Doubtful(text string) { f.Verdict, f.Metrics, f.Text = Inconclusive, nil, text }
