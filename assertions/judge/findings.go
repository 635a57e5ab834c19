package judge

import (
	"slices"

	"brrtload/assertions"
	"brrtload/internal/facts"
)

// roomy reports whether the room of a finding says something: a share that is whole could not be
// any better, however near the limit is.
func roomy(f assertions.Finding) bool {
	whole := f.Unit == "ratio" && f.Operator != "" && f.Operator[0] == '>' && f.Measured != nil && *f.Measured == 1
	return f.Margin != nil && !(whole && *f.Margin >= 0)
}

// accuses reports whether the finding accuses metrics of the service by name, whatever the others
// say: one that is not there, or went down.
func accuses(f assertions.Finding) bool {
	return f.Verdict == assertions.Untruthful && slices.ContainsFunc(f.Metrics, func(m string) bool { return !facts.OfClient(m) })
}

// soften returns the findings without failures and accusations, which are inconclusive.
func soften(findings []assertions.Finding) []assertions.Finding {
	findings = slices.Clone(findings)
	for n, f := range findings {
		if f.Verdict == assertions.Fail || f.Verdict == assertions.Untruthful {
			findings[n].Verdict = assertions.Inconclusive
		}
	}
	return findings
}
