package quantity

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// Quantity is a value in base units (seconds, bytes, ratio, count) and the unit a person wants to
// read it in: "s", "B", "ratio" or "".
type Quantity struct {
	Value float64
	Unit  string
}

type factor struct {
	factor float64
	unit   string
}

var factors = map[string]factor{
	"":   {1, ""},
	"ns": {1e-9, "s"}, "us": {1e-6, "s"}, "µs": {1e-6, "s"}, "ms": {1e-3, "s"}, "s": {1, "s"}, "min": {60, "s"}, "h": {3600, "s"},
	"B": {1, "B"}, "kB": {1e3, "B"}, "MB": {1e6, "B"}, "GB": {1e9, "B"},
	"KiB": {1 << 10, "B"}, "MiB": {1 << 20, "B"}, "GiB": {1 << 30, "B"},
	"%": {1e-2, "ratio"},
}

var quantityText = regexp.MustCompile(`^([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?) ?([a-zA-Zµ%]*)$`)

// Of returns a quantity.
func Of(value float64, unit string) Quantity { return Quantity{value, unit} }

// Parse reads a number with an optional unit: "64", "250ms", "80%", "16KiB". Times become seconds,
// sizes bytes, percentages ratios.
func Parse(text string) (Quantity, error) {
	parts := quantityText.FindStringSubmatch(text)
	if parts == nil {
		return Quantity{}, fmt.Errorf("want a number with an optional unit, like 64, 250ms, 16KiB or 80%%, got %q",
			text)
	}
	value, err := strconv.ParseFloat(parts[1], 64)
	if err != nil {
		return Quantity{}, fmt.Errorf("want a number, got %q", parts[1])
	}
	s, ok := factors[parts[2]]
	if !ok {
		return Quantity{}, fmt.Errorf("unknown unit %q; known are ns, us, ms, s, min, h, B, kB, MB, GB, KiB, MiB, GiB and %%", parts[2])
	}
	// Dividing by a whole number rounds once; multiplying by 0.001 would make 250ms something else
	// than 0.25.
	if s.factor < 1 {
		return Quantity{value / math.Round(1/s.factor), s.unit}, nil
	}
	return Quantity{value * s.factor, s.unit}, nil
}

// String dresses the quantity for a person: 1,600; 12.3 ms; 16 KiB; 42 %.
func (q Quantity) String() string { return Show(q.Value, q.Unit) }

// Amount is a quantity in YAML: "10%", "16MiB".
type Amount struct{ Quantity }

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *Amount) UnmarshalText(text []byte) (err error) {
	a.Quantity, err = Parse(string(text))
	return err
}
