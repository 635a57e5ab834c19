package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"brrtload/internal/diag"
	"brrtload/internal/quantity"
)

// maxExplained bounds the findings that Explain lists.
const maxExplained = 50

// Explain writes all there is on one check as text: what its finding on the page shows. An error says that
// the report has no such check, and names the nearest.
func Explain(w io.Writer, r Report, id string) error {
	var ids []string
	for _, c := range r.Checks {
		if c.ID != id {
			ids = append(ids, c.ID)
			continue
		}
		m := markOf(c)
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s: %s\n", m.sign, line(c.ID, idWidth), m.word)
		fmt.Fprintf(&b, "%s\n", fitText(c.Sentence()))
		if c.Why != "" {
			fmt.Fprintf(&b, "why: %s\n", fitText(c.Why))
		}
		if len(c.Findings) > 0 {
			fmt.Fprintln(&b, "\nFindings")
		}
		for i, f := range c.Findings {
			if i == maxExplained {
				fmt.Fprintf(&b, "  and %d more in %s\n", len(c.Findings)-i, ResultFile)
				break
			}
			fmt.Fprintf(&b, "  %s %s\n", marks[f.Verdict].sign, fitText(finding(f)))
			if f.Count != nil {
				fmt.Fprintf(&b, "      client %s, service %s, difference %s\n", quantity.Count(f.Count.Client), quantity.Count(f.Count.Server), signed(f.Count.Difference))
			}
		}
		fmt.Fprintln(&b, "\nEvidence")
		for _, f := range checkFacts(c) {
			fmt.Fprintf(&b, "  %-12s %s\n", f.Name, f.Text)
		}
		for _, e := range r.Exhibits {
			if e.Check != c.ID {
				continue
			}
			e = e.shown()
			fmt.Fprintf(&b, "\nAs exposed by %s: at the baseline, at the end\n", e.Endpoint)
			for _, s := range e.Samples {
				fmt.Fprintf(&b, "  %s  %s  %s\n", s.Series, s.Baseline, s.Final)
			}
			if e.More > 0 {
				fmt.Fprintf(&b, "  and %d more samples in the kept scrapes\n", e.More)
			}
		}
		_, err := io.WriteString(w, inert(b.String()))
		return err
	}
	slices.Sort(ids)
	return fmt.Errorf("the run has no check %q%s; `brrtload report` lists them", diag.Printable(id), diag.DidYouMean(id, ids))
}
