package reports

import (
	"fmt"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/quantity"
)

// maxDetails is how many findings of one check are told one by one.
const maxDetails = 5

// details says of a check what its table and its reason have no room for: its findings, the samples they rest on, the query as
// run, why the check is there and where it is written. Each is fit for a line.
func details(c assertions.Check) []string {
	var out []string
	told := 0
	for _, f := range c.Findings {
		if f.Verdict == assertions.Pass || f.Text == c.Reason {
			continue
		}
		if told++; told <= maxDetails {
			out = append(out, line(finding(f), 500))
		}
	}
	if told > maxDetails {
		out = append(out, fmt.Sprintf("and %d more findings in %s", told-maxDetails, ResultFile))
	}
	if worst, _ := c.Worst(); worst.Samples > 0 {
		out = append(out, "samples: "+quantity.Count(float64(worst.Samples)))
	}
	if c.Query != "" {
		out = append(out, "query: "+line(c.Query, 500))
	}
	if c.Why != "" {
		out = append(out, "why: "+line(c.Why, 500))
	}
	if c.Position.File != "" {
		out = append(out, "at "+line(c.Position.String(), 300))
	}
	return out
}

// finding says one finding in a sentence that names its series.
func finding(f assertions.Finding) string {
	series := labels(f.Series)
	if series == "" || strings.HasPrefix(f.Text, "{") {
		return f.Text
	}
	return series + " " + f.Text
}

// reason gives the run's reason without the verdict that may stand before it.
func reason(r Report) string { return strings.TrimPrefix(r.Reason, r.Verdict.String()+": ") }
