package chart

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"brrtload/reports"
)

// HeatMap draws hits by time and latency, the darker the more.
func HeatMap(t reports.Timeline, h reports.Heat) template.HTML {
	s := Scale{low: h.Bounds[0] * h.Bounds[0] / h.Bounds[min(1, len(h.Bounds)-1)], high: h.Bounds[len(h.Bounds)-1],
		log: true, unit: "s"}
	c := NewGraph("hits by time and latency", half, s)
	c.BelowTime(t.First-t.Step, t.End())
	c.Plot()
	var most float64
	for _, row := range h.Counts {
		for _, n := range row {
			if n == n {
				most = max(most, n)
			}
		}
	}
	width := float64(GraphUnits) / float64(t.Slices)
	for r, row := range h.Counts {
		bottom := c.height
		if r > 0 {
			bottom = c.Y(h.Bounds[r-1])
		}
		c.heatRow(row, most, width, c.Y(h.Bounds[r]), bottom)
	}
	before(t, c)
	return c.End()
}

// heatRow draws a row of the heat map: a path for each shade, as thick as the row is high.
func (c *graph) heatRow(row reports.Values, most, width, top, bottom float64) {
	var cells [11]strings.Builder
	var ends [11]int // of the last cell
	for i := 0; i < len(row); i++ {
		level, run := shade(row[i], most), 1
		for i+run < len(row) && shade(row[i+run], most) == level {
			run++
		}
		if cells[level].Len() == 0 {
			fmt.Fprintf(&cells[level], "M%.4g %.4gh%.4g", float64(i)*width, (top+bottom)/2, float64(run)*width)
		} else {
			fmt.Fprintf(&cells[level], "m%.4g 0h%.4g", float64(i-ends[level])*width, float64(run)*width)
		}
		ends[level] = i + run
		i += run - 1
	}
	for level := 1; level < len(cells); level++ {
		if cells[level].Len() > 0 {
			fmt.Fprintf(c, `<path class="h" opacity="%.1f" stroke-width="%.4g" d="%s"/>`, float64(level)/10, bottom-top,
				cells[level].String())
		}
	}
}

// shade returns 0 for none to 10 for the most, by the logarithm.
func shade(n, most float64) int {
	if n != n || n <= 0 {
		return 0
	}
	return 1 + int(math.Round(9*math.Log1p(n)/math.Log1p(most)))
}
