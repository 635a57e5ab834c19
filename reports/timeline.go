package reports

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// Timeline is a run over time: lines of values at the ends of slices of one length. Times are
// seconds after Zero.
type Timeline struct {
	Zero   time.Time `json:"zero"`  // when the load began
	First  float64   `json:"first"` // the end of the first slice
	Step   float64   `json:"step"`  // the length of a slice
	Slices int       `json:"slices"`
	Bands  []Band    `json:"bands"`
	Marks  []Mark    `json:"marks,omitempty"`
	Panels []Panel   `json:"panels"`
	Heat   *Heat     `json:"heat,omitempty"`
	// Residuals are the identities' client counts minus the service's, summed from the baseline on.
	Residuals []Residual `json:"residuals,omitempty"`
	Trends    []Trend    `json:"trends,omitempty"` // of budgets
	Spectra   []Spectrum `json:"spectra,omitempty"`
}

// At returns the end of slice i.
func (t Timeline) At(i int) float64 { return t.First + float64(i)*t.Step }

// End returns the end of the last slice.
func (t Timeline) End() float64 { return t.At(t.Slices - 1) }

// Band is a stage of the load.
type Band struct {
	Name string  `json:"name"`
	From float64 `json:"from"`
	To   float64 `json:"to"`
	// WarmUp says that budgets leave the stage out.
	WarmUp bool `json:"warm_up,omitempty"`
}

// Mark is an event at a time.
type Mark struct {
	At   float64 `json:"at"`
	Text string  `json:"text"`
}

// Panel is a chart of lines that share a unit.
type Panel struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Unit  string `json:"unit"` // "s", "B", "ratio", "per second" or "": how a person wants to read it
	Lines []Line `json:"lines"`
}

// Line is one value a slice.
type Line struct {
	Name   string `json:"name"`
	Side   Side   `json:"side"`
	Values Values `json:"values"`
}

// Side is whose word a line is.
type Side string

// The sides of a line.
const (
	Plan    Side = "plan"
	Client  Side = "client"
	Service Side = "service"
	Kernel  Side = "kernel"
)

// Heat counts hits by time and latency: Counts has, for each bound, one value a slice.
type Heat struct {
	Bounds []float64 `json:"bounds"` // upper bounds of latency in seconds, rising
	Counts []Values  `json:"counts"`
}

// Residual is what an identity differs by over time.
type Residual struct {
	Check  string `json:"check"`
	Series string `json:"series,omitempty"`
	Values Values `json:"values"`
	// Ambiguous is how many hits may have been counted or not, from the baseline on.
	Ambiguous Values `json:"ambiguous,omitempty"`
}

// Trend is what a budget measures in each part of its window.
type Trend struct {
	Check  string  `json:"check"`
	From   float64 `json:"from"` // the beginning of the window
	Step   float64 `json:"step"`
	Values Values  `json:"values"`
	// Failed is when the limit was first exceeded, after Zero; nil when it never was.
	Failed *float64 `json:"failed,omitempty"`
}

// Spectrum is a distribution of durations in seconds.
type Spectrum struct {
	Name string `json:"name"`
	Side Side   `json:"side"`
	// Points are shares from 0 to 1 with the duration that this share does not exceed. Of a
	// histogram of the service only its bounds are known: from one to the next is a step.
	Points [][2]float64 `json:"points"`
	Bounds bool         `json:"bounds,omitempty"`
}

// Values are numbers in order. NaN stands for none, and is null in JSON, where each has four
// digits.
type Values []float64

// MarshalJSON implements json.Marshaler.
func (v Values) MarshalJSON() ([]byte, error) {
	text := []byte{'['}
	for i, x := range v {
		if i > 0 {
			text = append(text, ',')
		}
		if math.IsNaN(x) || math.IsInf(x, 0) {
			text = append(text, "null"...)
			continue
		}
		text = strconv.AppendFloat(text, fourDigits(x), 'g', -1, 64)
	}
	return append(text, ']'), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *Values) UnmarshalJSON(text []byte) error {
	var numbers []*float64
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&numbers); err != nil {
		return err
	}
	*v = make(Values, len(numbers))
	for i, x := range numbers {
		(*v)[i] = math.NaN()
		if x != nil {
			(*v)[i] = *x
		}
	}
	return nil
}

// fourDigits returns a number to four significant digits; whole ones are left whole up to a
// million.
func fourDigits(x float64) float64 {
	if x == math.Trunc(x) && math.Abs(x) < 1e6 {
		return x
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 4, 64), 64)
	if err != nil {
		return x
	}
	return short
}
