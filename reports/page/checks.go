package page

import (
	"fmt"
	"html/template"

	"brrtload/assertions"
	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/chart"
	"brrtload/reports/tables"
)

type budgetView struct {
	checkView
	Measured, Limit, Margin, Samples, Failed string
	Spark                                    template.HTML
}

func budgetViews(r reports.Report, charts reports.Timeline) (views []budgetView) {
	trends := map[string]reports.Trend{}
	for _, t := range charts.Trends {
		trends[t.Check] = t
	}
	for _, c := range reports.OfKind(r, func(c assertions.Check) bool { return !reports.Countable(c) && reports.Measurable(c) }) {
		worst, _ := c.Worst()
		b := budgetView{checkView: checkViewOf(c), Margin: "–", Failed: "–",
			Samples: quantity.Count(float64(worst.Samples))}
		if reports.Held(c) {
			b.Anchor = ""
		}
		b.Measured, b.Limit = tables.Figures(worst)
		if worst.Margin != nil {
			b.Margin = quantity.Share(*worst.Margin)
		}
		if t, ok := trends[c.ID]; ok && len(t.Values) > 1 {
			b.Spark = chart.Spark(t, worst.Limit)
			if t.Failed != nil && !reports.Held(c) {
				b.Failed = fmt.Sprintf("%.1f s", *t.Failed)
			}
		}
		views = append(views, b)
	}
	return views
}

func otherViews(r reports.Report) (views []checkView) {
	for _, c := range r.Checks {
		if reports.Held(c) && !reports.Measurable(c) {
			views = append(views, checkViewOf(c))
		}
	}
	return views
}
