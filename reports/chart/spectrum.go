package chart

import (
	"fmt"
	"html/template"
	"math"

	"brrtload/internal/quantity"
	"brrtload/reports"
)

// maxNines bounds the axis of a distribution: 99.999 %.
const maxNines = 5

// nines returns where a share stands on an axis of 1/(1 − share) with this many nines: each takes as
// much room. The maximum stands at its end.
func nines(share float64, most int) float64 {
	return min(-math.Log10(max(1-share, 1e-9)), float64(most)) / float64(most)
}

// NinesOf returns how many nines an axis needs for what the client measured: as many as its hits
// tell apart, and one for the maximum.
func NinesOf(spectra []reports.Spectrum) int {
	most := 1
	for _, s := range spectra {
		for _, p := range s.Points {
			if p[0] < 1 && !s.Bounds {
				most = max(most, int(math.Ceil(-math.Log10(1-p[0])-1e-6)))
			}
		}
	}
	return min(most+1, maxNines)
}

// Distributions draws spectra on one axis of nines. Of a histogram of the service only its bounds
// are known: the truth lies somewhere within each step.
func Distributions(spectra []reports.Spectrum) (template.HTML, []Key) {
	var all []reports.Values
	for _, s := range spectra {
		var v reports.Values
		for _, p := range s.Points {
			v = append(v, p[1])
		}
		all = append(all, v)
	}
	most := NinesOf(spectra)
	c := NewGraph("latency by the share of hits that did not exceed it", half, Logarithmic("s", all...))
	labels, shares := []string{"0", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %"}, []float64{0, 0.9, 0.99, 0.999,
		0.9999, 0.99999}
	labels[most] = "max"
	c.Below(labels[:most+1], func(i int) float64 { return nines(shares[i], most) })
	c.Plot()
	var lines []reports.Line
	for _, s := range spectra {
		lines = append(lines, reports.Line{Name: s.Name, Side: s.Side})
	}
	keys := Classes(lines)
	for n, s := range spectra {
		if s.Bounds {
			c.steps(s, most)
			keys[n] = Key{keys[n].Name + ", between its bounds", keys[n].Class + " area"}
			continue
		}
		c.Path(keys[n].Class, all[n], func(i int) float64 { return nines(s.Points[i][0], most) * GraphUnits })
	}
	return c.End(), keys
}

// steps draws, for each bucket, the area in which its durations lie.
func (c *graph) steps(s reports.Spectrum, most int) {
	from, under := 0.0, c.scale.low
	for _, p := range s.Points {
		if p[0] > from {
			x, width := nines(from, most)*GraphUnits, (nines(p[0], most)-nines(from, most))*GraphUnits
			top, bottom := c.Y(p[1]), c.Y(max(under, c.scale.low))
			fmt.Fprintf(c, `<rect class="band fills" x="%.4g" y="%.1f" width="%.4g" height="%.1f"><title>%s of hits took up to %s</title></rect>`,
				x, top, width, max(bottom-top, 1), quantity.Share(p[0]), quantity.Seconds(p[1]))
			from = p[0]
		}
		under = p[1]
	}
}
