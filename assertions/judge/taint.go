package judge

import (
	"slices"

	"brrtload/assertions"
	"brrtload/internal/facts"
)

// accusations is what was found untruthful: family to the id of the first check that says so.
type accusations map[string]string

// add takes in what a check accuses. A warning changes no verdict, and so accuses nothing. The
// client's own series are the ground truth and are never accused.
func (a accusations) add(c assertions.Check) {
	for _, f := range c.Findings {
		if f.Verdict != assertions.Untruthful || c.Severity == assertions.Warning {
			continue
		}
		metrics := f.Metrics
		if len(metrics) == 0 {
			metrics = c.Metrics
		}
		for _, m := range metrics {
			if _, known := a[facts.FamilyOf(m)]; !known && !facts.OfClient(m) {
				a[facts.FamilyOf(m)] = c.ID
			}
		}
	}
}

// among returns the first of the metrics that is accused, and by which check.
func (a accusations) among(metrics []string) (metric, by string, ok bool) {
	for _, m := range metrics {
		if by, ok := a[facts.FamilyOf(m)]; ok {
			return m, by, true
		}
	}
	return "", "", false
}

// taint overrules the verdicts that rest on a metric which another check found untruthful. Of a
// budget or a rule neither a pass nor a failure measured with it means anything. Where two things
// that the service says of itself differ, and one of them is known to be untrue, nothing is known
// of the other: it is not accused. The checks are those of the list, with the delivery check before
// them.
func taint(checks []assertions.Check, list []assertions.Assertion) {
	accused := accusations{}
	for i, c := range checks {
		if i == 0 || !list[i-1].About().Compares {
			accused.add(c)
		}
	}
	var stand []assertions.Check
	for i, a := range list {
		c := &checks[i+1]
		if !a.About().Compares || c.Verdict != assertions.Untruthful {
			continue
		}
		if m, by, ok := accused.among(c.Metrics); ok && !slices.ContainsFunc(c.Findings, accuses) {
			c.Overrule(assertions.Inconclusive, assertions.Overruled{Cause: assertions.ComparesWith, By: by, Metric: m})
		} else {
			stand = append(stand, *c)
		}
	}
	for _, c := range stand {
		accused.add(c)
	}
	for i, a := range list {
		c := &checks[i+1]
		if m, by, ok := accused.among(c.Metrics); ok && a.About().RestsOnTelemetry && c.Verdict != assertions.Error &&
			c.Verdict != assertions.Untruthful {
			c.Overrule(assertions.Untruthful, assertions.Overruled{Cause: assertions.RestsOn, By: by, Metric: m})
		}
	}
}
