package page

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"math"
	"slices"

	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/chart"
	"brrtload/reports/tables"
)

// CapacityChart is the picture of a search for capacity: latency, and every budget as a share of its
// limit, over the rate. It is an error to ask for it of another report.
var CapacityChart = reports.Format{Name: "capacity-chart", File: "capacity.svg", Write: capacityChart}

func capacityChart(w io.Writer, r reports.Report) error {
	if r.Capacity == nil {
		return fmt.Errorf("there is no capacity to draw: the report is of %s", r.Command)
	}
	const row = 18
	y := 0
	var body string
	for _, p := range capacityPictures(r.Capacity) {
		body += fmt.Sprintf(`<text x="%d" y="%d">%s</text><svg y="%d" width="%d" height="%d">%s</svg>`, chart.Wide.Left, y+16,
			html.EscapeString(p.Title), y+20, chart.Wide.Width, chart.Wide.Height, p.SVG)
		y += chart.Wide.Height + 24
		for _, k := range p.Keys {
			body += fmt.Sprintf(`<path class="l %s" d="M%d %dh24"/><text x="%d" y="%d">%s</text>`, k.Class, chart.Wide.Left, y, chart.Wide.Left+32, y+4,
				html.EscapeString(k.Name))
			y += row
		}
		y += row
	}
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d"><style>%s</style><rect width="100%%" height="100%%" fill="#fff"/>%s</svg>
`, chart.Wide.Width, y, pageStyle, body)
	return err
}

// maxCurves is how many budgets the picture has room for: those that come nearest to their limits.
const maxCurves = 8

// capacityPictures draws the curves over the rate.
func capacityPictures(c *reports.Capacity) []picture {
	probes := c.ByRate()
	if len(probes) == 0 {
		return nil
	}
	var p50, p99 reports.Values
	for _, p := range probes {
		p50, p99 = append(p50, p.Latency.P50), append(p99, p.Latency.P99)
	}
	latency := []reports.Line{{Name: "p50", Side: reports.Client, Values: p50}, {Name: "p99", Side: reports.Client, Values: p99}}
	pictures := []picture{curve(c, "Latency by rate", chart.Logarithmic("s", p50, p99), latency, nil)}
	if used := usedBudgets(probes); len(used) > 0 {
		one := 1.0
		values := []reports.Values{{0, 1.5}}
		for i := range used {
			for j, v := range used[i].Values {
				used[i].Values[j] = min(v, 3) // what is far beyond its limit would flatten all others
			}
			values = append(values, used[i].Values)
		}
		pictures = append(pictures, curve(c, "Budgets by rate, as a share of their limits (at most three times as much is drawn)",
			chart.Linear("ratio", values...), used, &one))
	}
	return pictures
}

// usedBudgets returns how much of each budget's limit was used, those first that were used most.
func usedBudgets(probes []reports.CapacityProbe) []reports.Line {
	by := map[string]reports.Values{}
	most := map[string]float64{}
	for i, p := range probes {
		for _, b := range p.Budgets {
			if by[b.ID] == nil {
				by[b.ID] = make(reports.Values, len(probes))
				for j := range by[b.ID] {
					by[b.ID][j] = math.NaN()
				}
			}
			by[b.ID][i] = b.Over()
			most[b.ID] = max(most[b.ID], b.Over())
		}
	}
	var lines []reports.Line
	for id, values := range by {
		lines = append(lines, reports.Line{Name: id, Side: reports.Service, Values: values})
	}
	slices.SortFunc(lines, func(a, b reports.Line) int {
		return cmp.Or(cmp.Compare(most[b.Name], most[a.Name]), cmp.Compare(a.Name, b.Name))
	})
	return lines[:min(len(lines), maxCurves)]
}

// curve draws lines of one value a probe, from the lowest rate. Rates stand by their logarithms: the
// search doubles them.
func curve(c *reports.Capacity, title string, s chart.Scale, lines []reports.Line, limit *float64) picture {
	probes := c.ByRate()
	low, high := probes[0].Rate, probes[len(probes)-1].Rate
	share := func(rate float64) float64 {
		if high <= low {
			return 0.5
		}
		return math.Log(rate/low) / math.Log(high/low)
	}
	g := chart.NewGraph(title, chart.Wide, s)
	rates := chart.Logarithmic("", reports.Values{low, high}).Ticks()
	rates = slices.DeleteFunc(rates, func(v float64) bool { return v < low || v > high })
	labels := make([]string, len(rates))
	for i, rate := range rates {
		labels[i] = quantity.Count(rate) + "/s"
	}
	g.Below(labels, func(i int) float64 { return share(rates[i]) })
	g.Plot()
	if limit != nil {
		g.Level("limit", *limit)
	}
	for _, edge := range []float64{c.Low, c.High} {
		if edge >= low && edge <= high {
			g.Upright("mark", share(edge)*chart.GraphUnits, quantity.Count(edge)+" hits/s")
		}
	}
	keys := chart.Classes(lines)
	for i, l := range slices.Backward(lines) {
		g.Path(keys[i].Class, l.Values, func(i int) float64 { return share(probes[i].Rate) * chart.GraphUnits })
	}
	return picture{Title: title, Data: "capacity 0", Keys: keys, SVG: g.End()}
}

// capacityPage returns the part of the page on a search for capacity, nil of any other report.
func capacityPage(r reports.Report) *overheadView {
	if r.Capacity == nil {
		return nil
	}
	v := &overheadView{Figures: capacityPictures(r.Capacity), Tables: []tableView{viewOfTable(tables.CapacityProbes(r))}}
	if c := r.Capacity; c.Low > 0 && c.High > 0 {
		v.Sentences = append(v.Sentences, fmt.Sprintf("The knee lies between the two upright lines: %s and %s.",
			reports.PerSecond(c.Low), reports.PerSecond(c.High)))
	}
	for _, b := range r.Capacity.Broke {
		v.Sentences = append(v.Sentences, fmt.Sprintf("Broke at %s: %s.", reports.PerSecond(b.Rate), b.Text()))
	}
	return v
}
