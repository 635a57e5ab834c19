package tables

import (
	"fmt"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
)

// maxDetails is how many findings of one check are shown one by one.
const maxDetails = 5

// Findings reports one by one what a check found wrong, but for what its reason says already and
// what skip holds for.
func Findings(c assertions.Check, skip func(assertions.Finding) bool) []string {
	var out []string
	shown := 0
	for _, f := range c.Findings {
		if f.Verdict <= assertions.Pass || f.Text == c.Sentence() || skip(f) {
			continue
		}
		if shown++; shown <= maxDetails {
			out = append(out, fit.Line(Finding(f), 500))
		}
	}
	if shown > maxDetails {
		out = append(out, fmt.Sprintf("and %d more findings in %s", shown-maxDetails, reports.ResultFile))
	}
	return out
}

// None skips no finding; tabled skips those that have a row in the table of identities.
func None(assertions.Finding) bool { return false }

// Tabled reports whether a finding stands in the table of identities.
func Tabled(f assertions.Finding) bool { return f.Count != nil }

// Details reports of a check what its reason has no room for: its findings without those to skip,
// what they rest on, the query as run, why the check is there and where it is written. Each is fit
// for a line.
func Details(c assertions.Check, skip func(assertions.Finding) bool) []string {
	out := append(Findings(c, skip), Basis(c))
	if c.Query != "" {
		out = append(out, "query: "+fit.Line(c.Query, 500))
	}
	if c.Why != "" {
		out = append(out, "why: "+fit.Line(c.Why, 500))
	}
	if c.Position.File != "" {
		out = append(out, "at "+fit.Line(Written(c.Position), 300))
	}
	return out
}

// Written reports where a check is written, and how to see that when there is no such file to open.
func Written(p diag.Position) string {
	if command, shipped := p.Shipped(); shipped {
		return fmt.Sprintf("%s, which `%s` prints", p, command)
	}
	return p.String()
}

// Basis reports what a check's worst finding rests on: the window, the samples, and the room it
// left.
func Basis(c assertions.Check) string {
	parts := []string{"window: " + fit.Line(c.Window, fit.NameWidth)}
	worst, _ := c.Worst()
	if worst.Samples > 0 {
		parts = append(parts, "samples: "+quantity.Count(float64(worst.Samples)))
	}
	if worst.Margin != nil {
		parts = append(parts, "margin: "+quantity.Share(*worst.Margin))
	}
	return strings.Join(parts, ", ")
}

// Finding reports one finding in a sentence that names its series.
func Finding(f assertions.Finding) string {
	series := Labels(f.Series)
	if series == "" || strings.HasPrefix(f.Text, "{") || strings.HasPrefix(f.Text, strings.Trim(series, "{}")) {
		return f.Text
	}
	return series + " " + f.Text
}
