package pace

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Rate is an arrival rate in millionths of a hit per second, so that schedules can be computed in
// whole numbers.
type Rate uint64

// PerSecond is one hit per second. MaxRate is the highest rate that a schedule can have.
const (
	PerSecond Rate = 1e6
	MaxRate        = 1e7 * PerSecond
)

var units = map[string]float64{"": 1, "s": 1, "m": 60, "h": 3600}

// ParseRate reads "200", "0.5", "200/s", "30/m" or "10/h". What cannot be held exactly is rounded
// to the nearest millionth of a hit per second.
func ParseRate(text string) (Rate, error) {
	number, unit, slash := strings.Cut(text, "/")
	per, known := units[unit]
	hits, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !known || slash && unit == "" {
		return 0, fmt.Errorf(`want a rate like "200", "0.5/s" or "30/m", got %q`, text)
	}
	r := math.Round(hits / per * float64(PerSecond))
	if !(r >= 0 && r <= float64(MaxRate)) || hits > 0 && r == 0 {
		return 0, fmt.Errorf("rate %q is not between 0.000001/s and %s", text, MaxRate)
	}
	return Rate(r), nil
}

// UnmarshalText implements encoding.TextUnmarshaler, by ParseRate.
func (r *Rate) UnmarshalText(text []byte) error {
	parsed, err := ParseRate(string(text))
	*r = parsed
	return err
}

// PerSecond returns the rate in hits per second.
func (r Rate) PerSecond() float64 { return float64(r) / float64(PerSecond) }

// String returns the rate as ParseRate reads it.
func (r Rate) String() string {
	return strconv.FormatFloat(r.PerSecond(), 'f', -1, 64) + "/s"
}
