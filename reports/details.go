package reports

import (
	"fmt"
	"strings"

	"brrtload/assertions"
)

// maxDetails is how many findings of one check are told one by one.
const maxDetails = 5

// details says of a check what its table has no room for: findings beyond the one its reason repeats, the samples they
// rest on, the query as run, why the check is there and where it is written. Each is fit for a line.
func details(c assertions.Check) []string {
	var out []string
	told := 0
	for _, f := range c.Findings {
		if f.Verdict == assertions.Pass {
			continue
		}
		if told++; told <= maxDetails {
			out = append(out, line(finding(f), 500))
		}
	}
	if told > maxDetails {
		out = append(out, fmt.Sprintf("and %d more findings in %s", told-maxDetails, ResultFile))
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

// finding says one finding in a sentence, with its series and what it rests on.
func finding(f assertions.Finding) string {
	var parts []string
	if series := labels(f.Series); series != "" {
		parts = append(parts, series)
	}
	if f.Count != nil {
		parts = append(parts, fmt.Sprintf("client %s, server %s, difference %s",
			Number(f.Count.Client), Number(f.Count.Server), signed(f.Count.Difference)))
	} else if f.Measured != nil && f.Limit != nil {
		measured, limit := figures(f)
		parts = append(parts, measured+", must be "+limit)
	}
	text := f.Text
	if len(parts) > 0 {
		text = strings.TrimSuffix(text, ".") + ": " + strings.Join(parts, " ")
	}
	if f.Samples > 0 {
		text += fmt.Sprintf(" (of %s samples)", Number(float64(f.Samples)))
	}
	return text
}
