package reports

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"math"
	"slices"

	"brrtload/internal/quantity"
)

// CapacityChart is the picture of a search for capacity: latency, and every budget as a share of its
// limit, over the rate. It is an error to ask for it of another report.
var CapacityChart = Format{"capacity-chart", "capacity.svg", capacityChart}

func capacityChart(w io.Writer, r Report) error {
	if r.Capacity == nil {
		return fmt.Errorf("there is no capacity to draw: the report is of %s", r.Command)
	}
	const row = 18
	y := 0
	var body string
	for _, p := range capacityPictures(r.Capacity) {
		body += fmt.Sprintf(`<text x="%d" y="%d">%s</text><svg y="%d" width="%d" height="%d">%s</svg>`, wide.left, y+16,
			html.EscapeString(p.Title), y+20, wide.width, wide.height, p.SVG)
		y += wide.height + 24
		for _, k := range p.Keys {
			body += fmt.Sprintf(`<path class="l %s" d="M%d %dh24"/><text x="%d" y="%d">%s</text>`, k.Class, wide.left, y, wide.left+32, y+4,
				html.EscapeString(k.Name))
			y += row
		}
		y += row
	}
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d"><style>%s</style><rect width="100%%" height="100%%" fill="#fff"/>%s</svg>
`, wide.width, y, pageStyle, body)
	return err
}

// byRate returns the probes from the lowest rate.
func (c *Capacity) byRate() []CapacityProbe {
	return slices.SortedStableFunc(slices.Values(c.Probes), func(a, b CapacityProbe) int { return cmp.Compare(a.Rate, b.Rate) })
}

// maxCurves is how many budgets the picture has room for: those that come nearest to their limits.
const maxCurves = 8

// capacityPictures draws the curves over the rate.
func capacityPictures(c *Capacity) []picture {
	probes := c.byRate()
	if len(probes) == 0 {
		return nil
	}
	var p50, p99 Values
	for _, p := range probes {
		p50, p99 = append(p50, p.Latency.P50), append(p99, p.Latency.P99)
	}
	latency := []Line{{Name: "p50", Side: Client, Values: p50}, {Name: "p99", Side: Client, Values: p99}}
	pictures := []picture{c.curve("Latency by rate", logarithmic("s", p50, p99), latency, nil)}
	if used := usedBudgets(probes); len(used) > 0 {
		one := 1.0
		values := []Values{{0, 1.5}}
		for i := range used {
			for j, v := range used[i].Values {
				used[i].Values[j] = min(v, 3) // what is far beyond its limit would flatten all others
			}
			values = append(values, used[i].Values)
		}
		pictures = append(pictures, c.curve("Budgets by rate, as a share of their limits (at most three times as much is drawn)",
			linear("ratio", values...), used, &one))
	}
	return pictures
}

// usedBudgets returns how much of each budget's limit was used, those first that were used most.
func usedBudgets(probes []CapacityProbe) []Line {
	by := map[string]Values{}
	most := map[string]float64{}
	for i, p := range probes {
		for _, b := range p.Budgets {
			if by[b.ID] == nil {
				by[b.ID] = make(Values, len(probes))
				for j := range by[b.ID] {
					by[b.ID][j] = math.NaN()
				}
			}
			by[b.ID][i] = b.Over()
			most[b.ID] = max(most[b.ID], b.Over())
		}
	}
	var lines []Line
	for id, values := range by {
		lines = append(lines, Line{Name: id, Side: Service, Values: values})
	}
	slices.SortFunc(lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(most[b.Name], most[a.Name]), cmp.Compare(a.Name, b.Name))
	})
	return lines[:min(len(lines), maxCurves)]
}

// curve draws lines of one value a probe, from the lowest rate. Rates stand by their logarithms: the
// search doubles them.
func (c *Capacity) curve(title string, s scale, lines []Line, limit *float64) picture {
	probes := c.byRate()
	low, high := probes[0].Rate, probes[len(probes)-1].Rate
	share := func(rate float64) float64 {
		if high <= low {
			return 0.5
		}
		return math.Log(rate/low) / math.Log(high/low)
	}
	g := newGraph(title, wide, s)
	rates := logarithmic("", Values{low, high}).ticks()
	rates = slices.DeleteFunc(rates, func(v float64) bool { return v < low || v > high })
	labels := make([]string, len(rates))
	for i, rate := range rates {
		labels[i] = quantity.Count(rate) + "/s"
	}
	g.below(labels, func(i int) float64 { return share(rates[i]) })
	g.plot()
	if limit != nil {
		g.level("limit", *limit)
	}
	for _, edge := range []float64{c.Low, c.High} {
		if edge >= low && edge <= high {
			g.upright("mark", share(edge)*graphUnits, quantity.Count(edge)+" hits/s")
		}
	}
	keys := classes(lines)
	for i, l := range slices.Backward(lines) {
		g.path(keys[i].Class, l.Values, func(i int) float64 { return share(probes[i].Rate) * graphUnits })
	}
	return picture{Title: title, Data: "capacity 0", Keys: keys, SVG: g.end()}
}

// capacityPage returns the part of the page on a search for capacity, nil of any other report.
func capacityPage(r Report) *overheadView {
	if r.Capacity == nil {
		return nil
	}
	v := &overheadView{Figures: capacityPictures(r.Capacity), Tables: []tableView{capacityProbes(r).view()}}
	if c := r.Capacity; c.Low > 0 && c.High > 0 {
		v.Sentences = append(v.Sentences, fmt.Sprintf("The knee lies between the two upright lines: %s and %s.",
			perSecond(c.Low), perSecond(c.High)))
	}
	for _, b := range r.Capacity.Broke {
		v.Sentences = append(v.Sentences, fmt.Sprintf("Broke at %s: %s.", perSecond(b.Rate), b.text()))
	}
	return v
}
