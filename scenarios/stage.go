package scenarios

import (
	"time"

	"brrtload/internal/diag"
	"brrtload/internal/pace"
)

// Phase tells what a stage's hits are for.
type Phase string

// The phases in which hits are sent. Hits of the warm-up are drawn and counted, and not judged by budgets.
const (
	WarmUp Phase = "warm-up"
	Steady Phase = "steady"
)

// Warmup is the stage before those that are judged.
type Warmup struct {
	At       diag.Position `yaml:",position"`
	Rate     pace.Rate     `yaml:"rate,required"`
	Duration time.Duration `yaml:"duration,required"`
}

// Stage is a stretch of the load: evenly spaced hits.
type Stage struct {
	At       diag.Position `yaml:",position"`
	Name     diag.Text     `yaml:"name"`
	Rate     *pace.Rate    `yaml:"rate,required"`
	Duration time.Duration `yaml:"duration,required"`
}

// Pace gives the stage's schedule.
func (s Stage) Pace() pace.Stage { return pace.Constant{Rate: *s.Rate, Duration: s.Duration} }
