package scenarios

import (
	"fmt"
	"math/rand/v2"
)

// draw is what a template sees: its methods give values that depend on the seed, the hit's number
// and the order of the calls alone. In a scenario: "{{.Seq}}", "{{.Counter 100 2}}", "{{.Random 1
// 6}}", "{{.Choose `a` `b`}}", "{{.Hex 16}}", "{{.CSV `users.csv` `id`}}".
type draw struct {
	Seq    uint64 // the hit's number, from 0
	tables tables
	dice   *rand.Rand
}

// Counter returns start + step × the hit's number.
func (d *draw) Counter(start, step int64) int64 { return start + step*int64(d.Seq) }

// Random returns a whole number from low to high, both included.
func (d *draw) Random(low, high int64) (int64, error) {
	if high < low || uint64(high-low) > 1<<62 {
		return 0, fmt.Errorf("no number lies between %d and %d", low, high)
	}
	return low + d.dice.Int64N(high-low+1), nil
}

// Choose returns one of the texts.
func (d *draw) Choose(texts ...string) (string, error) {
	if len(texts) == 0 {
		return "", fmt.Errorf("nothing to choose from")
	}
	return texts[d.dice.IntN(len(texts))], nil
}

// Hex returns n hexadecimal digits, 256 at most.
func (d *draw) Hex(n int) (string, error) {
	if n < 0 || n > 256 {
		return "", fmt.Errorf("hex digits are 0 to 256, not %d", n)
	}
	digits := make([]byte, n)
	for i := range digits {
		digits[i] = "0123456789abcdef"[d.dice.IntN(16)]
	}
	return string(digits), nil
}

// CSV returns a column of the row that is this hit's: row n, beginning again after the last.
func (d *draw) CSV(file, column string) (string, error) {
	t, err := d.tables.table(file)
	if err != nil {
		return "", err
	}
	return t.at(d.Seq, column)
}
