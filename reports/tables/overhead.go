package tables

import (
	"math"
	"strings"

	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
)

// OverheadEffects shows an experiment's metrics: candidate against baseline, and beside it the
// control, which is the noise floor.
func OverheadEffects(r reports.Report) Table {
	t := Table{Title: "Overhead (a hit, but for memory and fixed cost)", Spare: []int{5}, Columns: []Column{
		{"metric", false}, {"baseline", true}, {"more by", true}, {"share", true}, {"interval", true}, {"control", true}}}
	if r.Overhead == nil {
		return t
	}
	twins := map[string]reports.Effect{}
	for _, e := range r.Overhead.Twin {
		twins[e.Metric] = e
	}
	for _, e := range r.Overhead.Effects {
		share, interval, twin := "–", Difference(e.Difference, e.Unit), "–"
		if e.Share != (reports.Between{}) {
			share, interval = quantity.Share(e.Share.Value), Shares(e.Share)
		}
		if same, ok := twins[e.Metric]; ok && same.Share != (reports.Between{}) {
			twin = quantity.Share(same.Share.Value)
		}
		t.Add(0, e.Metric, amount(e.Base, e.Unit), amount(e.Difference.Value, e.Unit), share, interval, twin)
	}
	for _, o := range r.Overhead.Others {
		e := o.Effect
		t.Add(0, "cpu, "+fit.Line(o.Name, fit.NameWidth), quantity.Show(e.Base, e.Unit),
			quantity.Show(e.Difference.Value, e.Unit), quantity.Share(e.Share.Value), Shares(e.Share), "")
	}
	return t
}

// OverheadParts shows an ablation: what each part of the telemetry costs a hit, and by how much
// their sum misses the total of other starts.
func OverheadParts(r reports.Report) Table {
	t := Table{Title: "Where the CPU of a hit goes", Columns: []Column{{"part", false}, {"costs", true},
		{"interval", true}}}
	if r.Overhead == nil {
		return t
	}
	for _, p := range r.Overhead.Parts {
		name := fit.Line(p.Name, fit.NameWidth)
		if p.Kind == "machinery" {
			name = "everything off"
		}
		t.Add(0, name, quantity.Seconds(p.Value), Difference(p.Between, "s"))
	}
	if closing := r.Overhead.Closing; closing != (reports.Between{}) {
		t.Add(0, "sum − total of other starts", quantity.Seconds(closing.Value), Difference(closing, "s"))
	}
	return t
}

// Shares shows an interval of shares.
func Shares(b reports.Between) string {
	if math.Abs(b.High) == math.MaxFloat64 {
		return "not yet"
	}
	return strings.TrimSuffix(quantity.Share(b.Low), " %") + " … " + quantity.Share(b.High)
}

// Difference shows an interval in a unit.
func Difference(b reports.Between, unit string) string {
	if math.Abs(b.High) == math.MaxFloat64 {
		return "not yet"
	}
	return amount(b.Low, unit) + " … " + amount(b.High, unit)
}

// amount shows a metric's value; that of cores is in its name.
func amount(v float64, unit string) string {
	if unit == "cores" {
		unit = ""
	}
	return quantity.Show(v, unit)
}
