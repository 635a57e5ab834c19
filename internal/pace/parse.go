package pace

import (
	"fmt"
	"strings"
	"time"
)

// Parse reads a schedule from one line: stages of the form DURATION@RATE, DURATION@FROM..TO for a
// ramp and DURATION@0 for a pause, with commas between, as in "30s@50,1m@50..500". The rate of the
// last may be "max".
func Parse(line string) (Schedule, error) {
	var stages []Stage
	for piece := range strings.SplitSeq(line, ",") {
		if n := len(stages); n > 0 {
			if _, closed := stages[n-1].(Max); closed {
				return Schedule{}, fmt.Errorf("stage %q: nothing can follow a rate of max", piece)
			}
		}
		stage, err := parseStage(strings.TrimSpace(piece))
		if err != nil {
			return Schedule{}, fmt.Errorf("stage %q: %w", piece, err)
		}
		stages = append(stages, stage)
	}
	return NewSchedule(stages...), nil
}

func parseStage(text string) (Stage, error) {
	length, shape, found := strings.Cut(text, "@")
	d, err := time.ParseDuration(length)
	if !found || err != nil || d <= 0 || d > MaxDuration {
		return nil, fmt.Errorf(`want DURATION@RATE or DURATION@FROM..TO, such as "30s@50" or "1m@50..500"`)
	}
	if shape == "max" {
		return Max{Duration: d}, nil
	}
	first, last, ramp := strings.Cut(shape, "..")
	from, err := ParseRate(first)
	if err != nil {
		return nil, err
	}
	if !ramp {
		return level(from, d), nil
	}
	to, err := ParseRate(last)
	if err == nil && from+to == 0 {
		err = fmt.Errorf("a ramp from nothing to nothing; a pause is DURATION@0")
	}
	return Ramp{From: from, To: to, Duration: d}, err
}

// MaxDuration is the longest stage.
const MaxDuration = 30 * 24 * time.Hour
