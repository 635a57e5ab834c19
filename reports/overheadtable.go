package reports

import (
	"math"
	"strings"

	"brrtload/internal/quantity"
)

// overheadEffects shows an experiment's metrics: candidate against baseline, and beside it the
// control, which is the noise floor.
func overheadEffects(r Report) table {
	t := table{title: "Overhead (a hit, but for memory and fixed cost)", spare: []int{5}, columns: []column{
		{"metric", false}, {"baseline", true}, {"more by", true}, {"share", true}, {"interval", true}, {"control", true}}}
	if r.Overhead == nil {
		return t
	}
	twins := map[string]Effect{}
	for _, e := range r.Overhead.Twin {
		twins[e.Metric] = e
	}
	for _, e := range r.Overhead.Effects {
		share, interval, twin := "–", difference(e.Difference, e.Unit), "–"
		if e.Share != (Between{}) {
			share, interval = quantity.Share(e.Share.Value), shares(e.Share)
		}
		if same, ok := twins[e.Metric]; ok && same.Share != (Between{}) {
			twin = quantity.Share(same.Share.Value)
		}
		t.add(0, e.Metric, amount(e.Base, e.Unit), amount(e.Difference.Value, e.Unit), share, interval, twin)
	}
	for _, o := range r.Overhead.Others {
		e := o.Effect
		t.add(0, "cpu, "+line(o.Name, nameWidth), quantity.Show(e.Base, e.Unit),
			quantity.Show(e.Difference.Value, e.Unit), quantity.Share(e.Share.Value), shares(e.Share), "")
	}
	return t
}

// overheadParts shows an ablation: what each part of the telemetry costs a hit, and by how much
// their sum misses the total of other starts.
func overheadParts(r Report) table {
	t := table{title: "Where the CPU of a hit goes", columns: []column{{"part", false}, {"costs", true},
		{"interval", true}}}
	if r.Overhead == nil {
		return t
	}
	for _, p := range r.Overhead.Parts {
		name := line(p.Name, nameWidth)
		if p.Kind == "machinery" {
			name = "everything off"
		}
		t.add(0, name, quantity.Seconds(p.Value), difference(p.Between, "s"))
	}
	if closing := r.Overhead.Closing; closing != (Between{}) {
		t.add(0, "sum − total of other starts", quantity.Seconds(closing.Value), difference(closing, "s"))
	}
	return t
}

// shares shows an interval of shares.
func shares(b Between) string {
	if math.Abs(b.High) == math.MaxFloat64 {
		return "not yet"
	}
	return strings.TrimSuffix(quantity.Share(b.Low), " %") + " … " + quantity.Share(b.High)
}

// difference shows an interval in a unit.
func difference(b Between, unit string) string {
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
