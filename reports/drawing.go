package reports

import (
	"fmt"
	"html"
	"io"
)

// Drawing writes one panel as an SVG file that needs nothing else, with the names of its lines
// below.
func Drawing(w io.Writer, t Timeline, p Panel) error {
	keys := classes(p.Lines)
	chart := t.overTime(p)
	const row = 18
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d"><style>%s</style><rect width="100%%" height="100%%" fill="#fff"/><svg width="%d" height="%d">%s</svg>`,
		wide.width, wide.height+row*(len(keys)+1), pageStyle, wide.width, wide.height, chart)
	if err != nil {
		return err
	}
	for i, k := range keys {
		y := wide.height + row*i + row/2
		if _, err := fmt.Fprintf(w, `<path class="l %s" d="M%d %dh24"/><text x="%d" y="%d">%s</text>`,
			k.Class, wide.left, y, wide.left+32, y+4, html.EscapeString(k.Name)); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, "</svg>\n")
	return err
}
