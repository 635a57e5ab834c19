package chart

import (
	"math"
	"strconv"
	"strings"
)

// pen writes a path in tenths of a unit, each point by its distance from the one before: a page has
// thousands.
type pen struct {
	strings.Builder
	down bool
	x, y int // the point before, in tenths
}

func (p *pen) to(x, y float64) {
	toX, toY := int(math.Round(10*x)), int(math.Round(10*y))
	across, by := toX, toY
	switch {
	case !p.down:
		p.WriteByte('M')
	default:
		p.WriteByte('l')
		across, by = toX-p.x, toY-p.y
	}
	p.WriteString(tenths(across))
	if by >= 0 {
		p.WriteByte(' ')
	}
	p.WriteString(tenths(by))
	p.x, p.y, p.down = toX, toY, true
}

func tenths(n int) string { return strconv.FormatFloat(float64(n)/10, 'f', -1, 64) }
