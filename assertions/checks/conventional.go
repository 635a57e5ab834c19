package checks

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"brrtload/assertions"
	"brrtload/internal/facts"
)

// average is how an average over a process's whole life is named or described.
var average = regexp.MustCompile(`(?i)(^|[^a-z])(avg|average|mean)([^a-z]|$)`)

// recent is how an average over the last few, or over a stretch of time, is described: that one
// moves.
var recent = regexp.MustCompile(`(?i)\b(last|latest|recent|past|previous|moving|rolling|sliding|exponential(ly)?|ewma|window(ed)?|per (second|minute|interval)|load[_ ]average)\b|_load\d+$|[_ ](1|5|10|15|30|60)(s|m|min|sec)\b`)

// conventional holds families to the conventions for names, help texts and units, and finds gauges
// that cannot be what a reader wants of them.
func (x *Exposition) conventional(_ context.Context, e facts.Evidence, w facts.Window) ([]assertions.Finding, error) {
	families := slices.DeleteFunc(slices.Clone(e.Families(w)), func(f facts.Family) bool {
		return facts.OfClient(f.Name) || facts.OfRuntime(f.Name) || x.excepts(f.Name)
	})
	if len(families) == 0 {
		return []assertions.Finding{{Verdict: assertions.NotApplicable,
			Text: "no family is held to the conventions"}}, nil
	}
	problems, err := Lint(families)
	if err != nil {
		return nil, err
	}
	var findings []assertions.Finding
	for _, f := range families {
		if f.Type == "gauge" && (average.MatchString(f.Name) || average.MatchString(f.Help)) &&
			!recent.MatchString(f.Name+" "+f.Help) {
			findings = append(findings, assertions.Finding{Verdict: assertions.Untruthful, Metrics: []string{f.Name},
				Text: fmt.Sprintf(
					"%s is a gauge of an average: over a life of days nothing moves it any more; count and sum, as of a histogram, let a reader choose the time", f.Name)})
		}
	}
	for _, text := range problems {
		findings = append(findings, assertions.Finding{Verdict: assertions.Untruthful, Text: text})
	}
	if len(findings) == 0 {
		findings = []assertions.Finding{{Text: fmt.Sprintf("%d families follow the conventions", len(families))}}
	}
	return findings, nil
}
