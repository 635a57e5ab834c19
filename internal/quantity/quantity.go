// Package quantity dresses numbers for people. Inside the project there are only seconds, bytes,
// ratios and counts; here they become 12.3 ms, 16 KiB, 42 % and 1,600, so that no figure loses its
// meaning: 40 µs is never "0 ms", and a value beside its limit is never shown as equal to it when
// it is not.
package quantity

import (
	"math"
	"strconv"
	"strings"
)

// digits is how many significant digits a figure is shown with, unless more are needed to tell it
// from its limit.
const digits = 3

// scale is a unit of a quantity and how many base units it has.
type scale struct {
	name string
	size float64
}

// The scales of each base unit, the largest first. A figure takes the first that leaves at least 1
// before the point.
var scales = map[string][]scale{
	"s":     {{"h", 3600}, {"min", 60}, {"s", 1}, {"ms", 1e-3}, {"µs", 1e-6}, {"ns", 1e-9}},
	"B":     {{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}},
	"ratio": {{"%", 1e-2}},
}

// Seconds shows a duration: 12.3 ms, 40 µs, 1.5 min.
func Seconds(v float64) string { return show(v, "s", digits) }

// Bytes shows a size: 16 KiB.
func Bytes(v float64) string { return show(v, "B", digits) }

// Share shows a ratio in per cent: 0.42 is 42 %.
func Share(v float64) string { return show(v, "ratio", digits) }

// Count shows a count: 1,600. A whole number below 1e15 is shown in full, another with three digits
// or all those before the point.
func Count(v float64) string { return show(v, "", digits) }

// Show shows v, given in a base unit ("s", "B", "ratio", or "" for a count), as a person wants to
// read it. Any other unit stands behind the number as it is.
func Show(v float64, unit string) string { return show(v, unit, digits) }

// Pair shows two values with as many digits as it takes to tell them apart.
func Pair(v, w float64, unit string) (string, string) {
	for n := digits; ; n++ {
		a, b := show(v, unit, n), show(w, unit, n)
		if a != b || v == w || n == 17 || math.IsNaN(v) {
			return a, b
		}
	}
}

func show(v float64, unit string, digits int) string {
	known, ok := scales[unit]
	switch {
	case !ok && unit != "":
		return number(v, digits) + " " + unit
	case !ok || math.IsNaN(v) || math.IsInf(v, 0):
		return number(v, digits)
	}
	// Rounded first, so that 999.9 ms is shown as 1 s and not as 1,000 ms.
	rounded := math.Abs(round(v, digits))
	chosen := known[len(known)-1]
	if v == 0 && unit == "s" {
		chosen = scale{"s", 1}
	}
	for _, s := range known {
		if rounded >= s.size {
			chosen = s
			break
		}
	}
	return number(v/chosen.size, digits) + " " + chosen.name
}

func number(v float64, digits int) string {
	switch size := math.Abs(v); {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return "-∞"
	case v == 0:
		return "0"
	case size >= 1e15 || size < 1e-6:
		return strconv.FormatFloat(v, 'g', digits, 64)
	case v == math.Trunc(v):
		return grouped(strconv.FormatFloat(v, 'f', -1, 64))
	case size >= math.Pow10(digits-1):
		return grouped(strconv.FormatFloat(v, 'f', 0, 64))
	default:
		return grouped(strconv.FormatFloat(round(v, digits), 'f', -1, 64))
	}
}

func round(v float64, digits int) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	if err != nil {
		return v // it overflowed: the largest floats have no rounder neighbour
	}
	return rounded
}

// grouped puts a comma after every three digits before the point.
func grouped(text string) string {
	whole, fraction, found := strings.Cut(text, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if found {
		whole += "." + fraction
	}
	return sign + whole
}
