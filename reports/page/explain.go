package page

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

// maxExplained bounds the findings that Explain lists.
const maxExplained = 50

// Explain writes all there is on one check as text: what its finding on the page shows. An error
// says that the report has no such check, and names the nearest.
func Explain(w io.Writer, r reports.Report, id string) error {
	var ids []string
	for _, c := range r.Checks {
		if c.ID != id {
			ids = append(ids, c.ID)
			continue
		}
		m := tables.MarkOf(c)
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s: %s\n", m.Sign, fit.Line(c.ID, fit.IdWidth), m.Word)
		fmt.Fprintf(&b, "%s\n", fit.Text(c.Sentence()))
		if c.Why != "" {
			fmt.Fprintf(&b, "why: %s\n", fit.Text(c.Why))
		}
		if len(c.Findings) > 0 {
			fmt.Fprintln(&b, "\nFindings")
		}
		for i, f := range c.Findings {
			if i == maxExplained {
				fmt.Fprintf(&b, "  and %d more in %s\n", len(c.Findings)-i, reports.ResultFile)
				break
			}
			fmt.Fprintf(&b, "  %s %s\n", tables.Marks[f.Verdict].Sign, fit.Text(tables.Finding(f)))
			if f.Count != nil {
				fmt.Fprintf(&b, "      client %s, service %s, difference %s\n", quantity.Count(f.Count.Client),
					quantity.Count(f.Count.Server), tables.Signed(f.Count.Difference))
			}
		}
		explainEvidence(&b, r, c)
		_, err := io.WriteString(w, fit.Inert(b.String()))
		return err
	}
	slices.Sort(ids)
	return fmt.Errorf("the run has no check %q%s (`brrtload report RUN --full` lists them)", diag.Printable(id),
		diag.DidYouMean(id, ids))
}

// explainEvidence writes what a check rests on: facts, its course over the run, samples, log lines,
// traces, and what rests on it.
func explainEvidence(b *strings.Builder, r reports.Report, c assertions.Check) {
	var charts reports.Timeline
	if r.Timeline != nil {
		charts = *r.Timeline
	}
	f := findingView{Facts: checkFacts(c)}
	f.detail(c, r, charts)
	f.rest(c, reports.Broken(r))
	fmt.Fprintln(b, "\nEvidence")
	for _, x := range f.Facts {
		fmt.Fprintf(b, "  %-12s %s\n", x.Name, x.Text)
	}
	for _, i := range worstResiduals(charts, 1, c.ID) {
		x := charts.Residuals[i]
		fmt.Fprintf(b, "\nclient − service over time%s\n  %s\n", inFront(" of ", x.Series), inLine(x.Values, ""))
	}
	for _, t := range charts.Trends {
		if t.Check == c.ID {
			worst, _ := c.Worst()
			fmt.Fprintf(b, "\nmeasured over the window, in %d parts\n  %s\n", len(t.Values), inLine(t.Values, worst.Unit))
		}
	}
	for _, e := range f.Exhibits {
		fmt.Fprintf(b, "\nAs exposed by %s: at the baseline, at the end\n", e.Endpoint)
		for _, s := range e.Samples {
			fmt.Fprintf(b, "  %s  %s  %s\n", s.Series, s.Baseline, s.Final)
		}
		if e.More > 0 {
			fmt.Fprintf(b, "  and %d more samples in the kept scrapes\n", e.More)
		}
	}
	if len(f.Log) > 0 {
		fmt.Fprintln(b, "\nLog lines: the first of each kind, when, how many")
		for _, l := range f.Log {
			fmt.Fprintf(b, "  %s  %s  %s  %s\n", l.At, l.Level, l.Count, l.Text)
		}
	}
	if f.Traces != nil {
		fmt.Fprintln(b, "\nThe slowest traces")
		for _, row := range f.Traces.Rows {
			fmt.Fprintf(b, "  %s  %s\n", row[len(row)-2].Text, row[len(row)-1].Text)
		}
	}
	for i, rests := range f.Rests {
		if i == 0 {
			fmt.Fprintln(b, "\nNot judged because of this")
		}
		fmt.Fprintf(b, "  %s %s\n", rests.Sign, rests.ID)
	}
}

// text writes values in a line.
func inLine(v reports.Values, unit string) string {
	var all []string
	for _, x := range v {
		shown := "–"
		if x == x {
			shown = quantity.Show(x, unit)
		}
		all = append(all, shown)
	}
	return fit.Line(strings.Join(all, "  "), 500)
}

func inFront(of, text string) string {
	if text == "" {
		return ""
	}
	return of + fit.Line(text, fit.IdWidth)
}
