package chart

import (
	"math"

	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
)

// Scale maps values to heights, in a straight way or by their logarithm.
type Scale struct {
	low, high float64
	log       bool
	unit      string
}

// Linear returns a scale from 0, or below, to a little above the largest value.
func Linear(unit string, lines ...reports.Values) Scale {
	s := Scale{unit: unit}
	for _, line := range lines {
		for _, v := range line {
			if v == v {
				s.low, s.high = min(s.low, v), max(s.high, v)
			}
		}
	}
	if s.high == s.low {
		s.high = s.low + 1
	}
	step := s.step()
	s.high = math.Ceil(s.high/step) * step
	s.low = math.Floor(s.low/step) * step
	return s
}

// Logarithmic returns a scale over the decades of the values above 0, or a linear one where there
// are none.
func Logarithmic(unit string, lines ...reports.Values) Scale {
	s := Scale{low: math.Inf(1), log: true, unit: unit}
	for _, line := range lines {
		for _, v := range line {
			if v > 0 {
				s.low, s.high = min(s.low, v), max(s.high, v)
			}
		}
	}
	if s.high == 0 {
		return Linear(unit, lines...)
	}
	s.low, s.high = s.low*0.8, s.high*1.25
	return s
}

// step returns the distance between ticks. Bytes are counted in powers of 1,024.
func (s Scale) step() float64 {
	span, unit := s.high-s.low, 1.0
	for s.unit == "B" && span/unit > 1024 {
		unit *= 1024
	}
	return unit * tickStep(span/unit)
}

// tickStep returns a round step that divides a span into three to seven parts.
func tickStep(span float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(span)))
	for _, step := range []float64{0.2, 0.5, 1, 2} {
		if span/(step*power) <= 6 {
			return step * power
		}
	}
	return 5 * power
}

// at returns the share of the height, from the bottom, at which a value stands; those beyond stay
// at the edge.
func (s Scale) at(v float64) float64 {
	if s.log {
		return min(max(math.Log(v/s.low)/math.Log(s.high/s.low), 0), 1)
	}
	return min(max((v-s.low)/(s.high-s.low), 0), 1)
}

// Ticks returns the values that get a line and a label.
func (s Scale) Ticks() (list []float64) {
	if !s.log {
		step := s.step()
		for v := s.low; v <= s.high+step/2; v += step {
			list = append(list, math.Round(v/step)*step)
		}
		return list
	}
	steps := []float64{1, 2, 5}
	if s.high/s.low > 200 {
		steps = []float64{1}
	}
	for power := math.Floor(math.Log10(s.low)); power <= math.Log10(s.high); power++ {
		for _, step := range steps {
			if v := step * math.Pow(10, power); v >= s.low && v <= s.high {
				list = append(list, v)
			}
		}
	}
	return list
}

func (s Scale) label(v float64) string {
	if s.unit == "per second" {
		return quantity.Show(v, "") + "/s"
	}
	return fit.Line(quantity.Show(v, s.unit), fit.NameWidth)
}
