package reports

import (
	"fmt"
	"html/template"

	"brrtload/assertions"
	"brrtload/internal/quantity"
)

type budgetView struct {
	checkView
	Measured, Limit, Margin, Samples, Failed string
	Spark                                    template.HTML
}

func budgetViews(r Report, charts Timeline) (views []budgetView) {
	trends := map[string]Trend{}
	for _, t := range charts.Trends {
		trends[t.Check] = t
	}
	for _, c := range ofKind(r, func(c assertions.Check) bool { return !countable(c) && measurable(c) }) {
		worst, _ := c.Worst()
		b := budgetView{checkView: checkViewOf(c), Margin: "–", Failed: "–",
			Samples: quantity.Count(float64(worst.Samples))}
		if held(c) {
			b.Anchor = ""
		}
		b.Measured, b.Limit = figures(worst)
		if worst.Margin != nil {
			b.Margin = quantity.Share(*worst.Margin)
		}
		if t, ok := trends[c.ID]; ok && len(t.Values) > 1 {
			b.Spark = spark(t, worst.Limit)
			if t.Failed != nil && !held(c) {
				b.Failed = fmt.Sprintf("%.1f s", *t.Failed)
			}
		}
		views = append(views, b)
	}
	return views
}

func otherViews(r Report) (views []checkView) {
	for _, c := range r.Checks {
		if held(c) && !measurable(c) {
			views = append(views, checkViewOf(c))
		}
	}
	return views
}
