package judge

import (
	"fmt"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/quantity"
)

// conclude combines the checks into the run's verdict: the worst of those that decide. A warning
// decides nothing, and a run of which nothing but its delivery was asserted, or nothing that
// applies, is no pass.
func conclude(checks []assertions.Check, load Delivered, list []assertions.Assertion) assertions.Judgement {
	j := assertions.Judgement{Checks: checks}
	var first assertions.Check
	for _, c := range checks {
		if c.Severity == assertions.Warning {
			continue
		}
		if c.Verdict > j.Verdict || c.Verdict == j.Verdict && overruled(first) && !overruled(c) {
			j.Verdict, first = c.Verdict, c
		}
	}
	switch {
	case !asserted(checks, list) && j.Verdict == assertions.Pass:
		j.Verdict = assertions.Inconclusive
		j.Reason = "nothing was asserted" + idle(checks)
	case j.Verdict == assertions.Pass:
		j.Reason = fmt.Sprintf("%s held", assertions.Counting(came(checks, assertions.Pass), "check")) + idle(checks) + tightest(checks,
			list) + warnings(checks)
	default:
		j.By = first.ID
		j.Reason = fmt.Sprintf("%s%s: %s", lead(checks, load, first), first.ID, first.Sentence()) +
			others(checks, j.Verdict, first.ID)
	}
	return j
}

// asserted reports whether anybody asserted anything that applies: the delivery of the load and the
// keeping of secrets are looked at in any case.
func asserted(checks []assertions.Check, list []assertions.Assertion) bool {
	for i, a := range list {
		if !a.About().Unasked && checks[i+1].Verdict != assertions.NotApplicable {
			return true
		}
	}
	return len(checks) > len(list)+1 // all hits failed
}

// came counts the checks that came to a verdict, warnings among them.
func came(checks []assertions.Check, v assertions.Verdict) int {
	n := 0
	for _, c := range checks {
		if c.Verdict == v {
			n++
		}
	}
	return n
}

// idle counts the checks that had nothing to look at.
func idle(checks []assertions.Check) string {
	n := came(checks, assertions.NotApplicable)
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d not applicable", n)
}

// overruled reports whether another check's verdict stands in place of what this one found by
// itself.
func overruled(c assertions.Check) bool {
	worst, ok := c.Worst()
	return ok && worst.Verdict != c.Verdict
}

// tightest names the budget with the least room left.
func tightest(checks []assertions.Check, list []assertions.Assertion) string {
	var id string
	var least assertions.Finding
	for i, a := range list {
		c := checks[i+1]
		for _, f := range c.Findings {
			if a.About().Limits != nil && c.Severity != assertions.Warning && roomy(f) &&
				(least.Margin == nil || *f.Margin < *least.Margin) {
				id, least = c.ID, f
			}
		}
	}
	if least.Margin == nil {
		return ""
	}
	return fmt.Sprintf("; the tightest is %s with %s of its limit left", id, quantity.Of(*least.Margin, "ratio"))
}

func warnings(checks []assertions.Check) string {
	n := 0
	for _, c := range checks {
		if c.Severity == assertions.Warning && c.Verdict > assertions.Pass {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return "; " + assertions.Counting(n, "warning")
}

// others counts the checks beside the first with the deciding verdict: those that found it
// themselves, and those that only rest on what was found.
func others(checks []assertions.Check, v assertions.Verdict, first string) string {
	more, depend := 0, 0
	for _, c := range checks {
		switch {
		case c.Severity == assertions.Warning || c.Verdict != v || c.ID == first:
		case overruled(c):
			depend++
		default:
			more++
		}
	}
	var said []string
	if more > 0 {
		said = append(said, fmt.Sprintf("and %d more %s", more, v))
	}
	if depend > 0 {
		verb := "depend"
		if depend == 1 {
			verb = "depends"
		}
		said = append(said, fmt.Sprintf("%s %s on it", assertions.Counting(depend, "check"), verb))
	}
	if said == nil {
		return ""
	}
	return " (" + strings.Join(said, "; ") + ")"
}
