package overhead

import (
	"fmt"
	"slices"
	"strings"

	"brrtload/internal/diag"
	"brrtload/internal/quantity"
	"brrtload/internal/stat"
)

// Budget is a limit on one metric of the candidate against the baseline: at most so much more, as a
// share ("< 5%") or in the metric's own unit ("< 3us"), or no more than so much in either direction
// ("± 1%").
type Budget struct {
	Metric string  `json:"metric"`
	Limit  float64 `json:"limit"` // a ratio, or in the metric's base unit
	Share  bool    `json:"share"`
	Band   bool    `json:"band"` // of equivalence
	Text   string  `json:"text"` // as a person wrote it
}

// ParseBudget reads "cpu < 5%", "overhead.cpu: < 3us" or "p99 ± 10%" (or "+-").
func ParseBudget(text string) (Budget, error) {
	bare := strings.NewReplacer(`"`, "", "+-", "±", "overhead.", "").Replace(text)
	at := strings.IndexAny(bare, "<±")
	if at < 0 {
		return Budget{}, fmt.Errorf(`budget %q: want METRIC < LIMIT or METRIC ± LIMIT, such as "cpu < 5%%"`, text)
	}
	b := Budget{Metric: strings.TrimRight(bare[:at], " :="), Band: strings.HasPrefix(bare[at:], "±")}
	i := slices.IndexFunc(metrics, func(m metric) bool { return m.name == b.Metric })
	if i < 0 {
		return Budget{}, fmt.Errorf("budget %q: no metric %q%s (there are %s)", text, b.Metric,
			diag.DidYouMean(b.Metric, metricNames()), strings.Join(metricNames(), ", "))
	}
	limit := strings.TrimLeft(bare[at:], "<=± ")
	q, err := quantity.Parse(limit)
	if err != nil {
		return Budget{}, fmt.Errorf("budget %q: %w", text, err)
	}
	b.Limit, b.Share = q.Value, q.Unit == "ratio"
	unit := metrics[i].unit
	switch {
	case b.Limit <= 0:
		return Budget{}, fmt.Errorf("budget %q: the limit must be above 0", text)
	case b.Share && !metrics[i].relative:
		return Budget{}, fmt.Errorf("budget %q: the baseline has no %s to take a share of; give a limit in its own unit", text, b.Metric)
	case !b.Share && q.Unit != unit:
		return Budget{}, fmt.Errorf("budget %q: %s is measured in %q; %q is another unit", text, b.Metric, unit, q.Unit)
	}
	sign := "<"
	if b.Band {
		sign = "±"
	}
	b.Text = sign + " " + limit
	return b, nil
}

// id names the budget in a report.
func (b Budget) id() string { return "overhead." + b.Metric + " " + b.Text }

// answer reports where the interval lies: below is within the budget.
func (b Budget) answer(i stat.Interval) stat.Answer {
	if b.Band {
		return i.Within(b.Limit)
	}
	return i.Against(b.Limit)
}

// distance is how far the estimate is from being decided otherwise.
func (b Budget) distance(value float64) float64 {
	if !b.Band {
		return max(b.Limit-value, value-b.Limit)
	}
	d := b.Limit - max(value, -value)
	return max(d, -d)
}
