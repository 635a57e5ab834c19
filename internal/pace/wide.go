package pace

import (
	"cmp"
	"math/bits"
)

// wide is a whole number of 192 bits, its low word first: enough for rate × duration², with the
// finest rate over years.
type wide [3]uint64

// product returns a × b × c.
func product(a, b, c uint64) wide {
	high, low := bits.Mul64(a, b)
	middle, bottom := bits.Mul64(low, c)
	top, above := bits.Mul64(high, c)
	middle, carry := bits.Add64(middle, above, 0)
	return wide{bottom, middle, top + carry}
}

func (w wide) plus(v wide) wide {
	var carry uint64
	for i := range w {
		w[i], carry = bits.Add64(w[i], v[i], carry)
	}
	return w
}

func (w wide) compare(v wide) int {
	return cmp.Or(cmp.Compare(w[2], v[2]), cmp.Compare(w[1], v[1]), cmp.Compare(w[0], v[0]))
}
