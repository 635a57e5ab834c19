package page

import (
	"fmt"
	"html"
	"io"

	"brrtload/reports"
	"brrtload/reports/chart"
)

// Drawing writes one panel as an SVG file that needs nothing else, with the names of its lines
// below.
func Drawing(w io.Writer, t reports.Timeline, p reports.Panel) error {
	keys := chart.Classes(p.Lines)
	svg := chart.OverTime(t, p)
	const row = 18
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d"><style>%s</style><rect width="100%%" height="100%%" fill="#fff"/><svg width="%d" height="%d">%s</svg>`,
		chart.Wide.Width, chart.Wide.Height+row*(len(keys)+1), pageStyle, chart.Wide.Width, chart.Wide.Height, svg)
	if err != nil {
		return err
	}
	for i, k := range keys {
		y := chart.Wide.Height + row*i + row/2
		if _, err := fmt.Fprintf(w, `<path class="l %s" d="M%d %dh24"/><text x="%d" y="%d">%s</text>`,
			k.Class, chart.Wide.Left, y, chart.Wide.Left+32, y+4, html.EscapeString(k.Name)); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, "</svg>\n")
	return err
}
