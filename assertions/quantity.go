package assertions

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Quantity is a value in base units (seconds, bytes, ratio, count) and the unit a person wants to read it in: "s", "B", "ratio" or "".
type Quantity struct {
	Value float64
	Unit  string
}

type scale struct {
	factor float64
	unit   string
}

var scales = map[string]scale{
	"":   {1, ""},
	"ns": {1e-9, "s"}, "us": {1e-6, "s"}, "µs": {1e-6, "s"}, "ms": {1e-3, "s"}, "s": {1, "s"}, "min": {60, "s"}, "h": {3600, "s"},
	"B": {1, "B"}, "kB": {1e3, "B"}, "MB": {1e6, "B"}, "GB": {1e9, "B"},
	"KiB": {1 << 10, "B"}, "MiB": {1 << 20, "B"}, "GiB": {1 << 30, "B"},
	"%": {1e-2, "ratio"},
}

var quantityText = regexp.MustCompile(`^([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?) ?([a-zA-Zµ%]*)$`)

// ParseQuantity reads a number with an optional unit: "64", "250ms", "80%", "16KiB". Times become seconds, sizes bytes, percentages ratios.
func ParseQuantity(text string) (Quantity, error) {
	parts := quantityText.FindStringSubmatch(text)
	if parts == nil {
		return Quantity{}, fmt.Errorf("want a number with an optional unit, like 64, 250ms, 16KiB or 80%%, got %q", text)
	}
	value, err := strconv.ParseFloat(parts[1], 64)
	if err != nil {
		return Quantity{}, fmt.Errorf("want a number, got %q", parts[1])
	}
	s, ok := scales[parts[2]]
	if !ok {
		return Quantity{}, fmt.Errorf("unknown unit %q; known are ns, us, ms, s, min, h, B, kB, MB, GB, KiB, MiB, GiB and %%", parts[2])
	}
	// Dividing by a whole number rounds once; multiplying by 0.001 would make 250ms something else than 0.25.
	if s.factor < 1 {
		return Quantity{value / math.Round(1/s.factor), s.unit}, nil
	}
	return Quantity{value * s.factor, s.unit}, nil
}

// String dresses the quantity for a person: 1,600; 12.3 ms; 16 KiB; 42 %. A value other than 0 never reads as 0.
func (q Quantity) String() string {
	size := math.Abs(q.Value)
	switch {
	case math.IsNaN(q.Value) || math.IsInf(q.Value, 0):
		return fmt.Sprint(q.Value)
	case q.Unit == "ratio":
		return digits(q.Value*100) + " %"
	case q.Unit == "s" && size != 0:
		return scaled(q.Value, []step{{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}})
	case q.Unit == "B" && size != 0:
		return scaled(q.Value, []step{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}, {1, "B"}})
	default:
		return strings.TrimSpace(digits(q.Value) + " " + q.Unit)
	}
}

type step struct {
	factor float64
	name   string
}

// scaled uses the largest unit that gives 1 or more, else the smallest.
func scaled(value float64, steps []step) string {
	best := steps[len(steps)-1]
	for _, s := range steps {
		if math.Abs(value)*(1+1e-9) >= s.factor {
			best = s
			break
		}
	}
	return digits(value/best.factor) + " " + best.name
}

// digits gives whole numbers in full with commas, and others to three significant digits.
func digits(value float64) string {
	if whole := math.Round(value); math.Abs(value-whole) <= 1e-9*math.Abs(value) && math.Abs(value) < 1<<53 {
		return commas(strconv.FormatFloat(value, 'f', 0, 64))
	}
	if size := math.Abs(value); size >= 100 && size < 1e15 {
		return commas(strconv.FormatFloat(value, 'f', 1, 64))
	}
	return strconv.FormatFloat(value, 'g', 3, 64)
}

func commas(text string) string {
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return sign + whole
}
