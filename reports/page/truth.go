package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/chart"
	"brrtload/reports/fit"
)

// maxResiduals bounds the residual charts of the section on truth.
const maxResiduals = 12

// truth returns in a sentence how client and service agree, and the residuals that do not end at 0.
func truth(r reports.Report, charts reports.Timeline) (string, []picture) {
	exact, differ, hits := 0, 0, uint64(0)
	for _, c := range r.Checks {
		switch {
		case !reports.Countable(c):
		case c.Verdict == assertions.Pass:
			exact++
		case !reports.Held(c):
			differ++
		}
	}
	for _, e := range r.Ledger {
		hits += e.Hits
	}
	if exact+differ == 0 {
		return "", nil
	}
	sentence := fmt.Sprintf("%s exact over %s hits", counting(exact, "identity", "identities"),
		quantity.Count(float64(hits)))
	if differ > 0 {
		sentence += fmt.Sprintf("; %d not", differ)
	}
	var figures []picture
	charts.Residuals = slices.Clone(charts.Residuals)
	for i, x := range charts.Residuals {
		if slices.ContainsFunc(r.Checks, func(c assertions.Check) bool { return c.ID == x.Check && reports.Overruled(c) }) {
			charts.Residuals[i].Values = nil // the check that overruled it shows the cause
		}
	}
	for _, i := range worstResiduals(charts, maxResiduals, "") {
		x := charts.Residuals[i]
		figures = append(figures, residualPicture(charts, i, fit.Text(strings.TrimSpace(x.Check+" "+x.Series))))
	}
	return sentence + ".", figures
}

func counting(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// residualPicture returns the chart of a residual; its band is what is ambiguous.
func residualPicture(t reports.Timeline, i int, title string) picture {
	keys := []chart.Key{{Name: "client − service", Class: "client0"}}
	if t.Residuals[i].Ambiguous != nil {
		keys = append(keys, chart.Key{Name: "hits that may have been counted or not", Class: "fillc area"})
	}
	return picture{Title: title, Data: fmt.Sprint("residual ", i), Keys: keys, SVG: chart.Residual(t, t.Residuals[i])}
}

// worstResiduals returns the places of those residuals that are furthest from 0 at the end, of one
// check if it is named.
func worstResiduals(t reports.Timeline, most int, check string) (found []int) {
	for i, r := range t.Residuals {
		if len(r.Values) > 0 && (check == "" || r.Check == check) && distance(r) != 0 {
			found = append(found, i)
		}
	}
	slices.SortStableFunc(found, func(a, b int) int {
		return cmp.Compare(distance(t.Residuals[b]), distance(t.Residuals[a]))
	})
	return found[:min(len(found), most)]
}

// distance returns how far the counts are apart at the end, beyond what is ambiguous.
func distance(r reports.Residual) float64 {
	last := r.Values[len(r.Values)-1]
	if n := len(r.Ambiguous); n > 0 && last < 0 {
		last = min(0, last+r.Ambiguous[n-1])
	}
	return max(last, -last)
}
