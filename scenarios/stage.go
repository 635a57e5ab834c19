package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"brrtload/internal/diag"
	"brrtload/internal/pace"
)

// Phase tells what a stage's hits are for.
type Phase string

// The phases in which hits are sent. Hits of the warm-up are drawn and counted, and not judged by
// budgets. Stages are steady unless they name another phase: a burst that a service may refuse is
// held against budgets of its own, "in" that phase, while everything else holds before and after.
const (
	WarmUp Phase = "warm-up"
	Steady Phase = "steady"
)

// Warmup is the stage before those that are judged.
type Warmup struct {
	At       diag.Position `yaml:",position"`
	Rate     pace.Rate     `yaml:"rate,required"`     // hits per second
	Duration time.Duration `yaml:"duration,required"` // how long it takes
}

// Stage is a stretch of the load. Which fields are given says what kind it is; see the table of
// kinds.
type Stage struct {
	At        diag.Position `yaml:",position"`
	Name      diag.Text     `yaml:"name"`      // names its window; "stage N" by default
	Duration  time.Duration `yaml:"duration"`  // how long it takes
	Rate      diag.Text     `yaml:"rate"`      // hits per second, "30/m", or "max"
	From      *pace.Rate    `yaml:"from"`      // a ramp: the rate at its beginning, hits per second
	To        *pace.Rate    `yaml:"to"`        // a ramp: the rate at its end
	Steps     int           `yaml:"steps"`     // number of steps of a ramp
	Peak      *pace.Rate    `yaml:"peak"`      // a spike: its highest rate
	Rise      time.Duration `yaml:"rise"`      // a spike: how long it takes to the peak, and back; 0 by default
	Hold      time.Duration `yaml:"hold"`      // a spike: how long the peak lasts
	Amplitude *pace.Rate    `yaml:"amplitude"` // a sine: how far the rate swings from its mean, which is rate
	Period    time.Duration `yaml:"period"`    // a sine: the length of a swing
	Pause     time.Duration `yaml:"pause"`     // a stretch without hits, in place of rate and duration
	Hits      uint64        `yaml:"hits"`      // maximum number, with a rate of max; unbounded by default

	Phase  diag.Text     `yaml:"phase"`  // names another phase, with budgets of its own; steady by default
	Reload time.Duration `yaml:"reload"` // between two SIGHUPs to the target while the stage lasts; none by default

	schedule pace.Stage
	broken   bool // its fields could not all be read, so that its kind is unknown
}

// UnmarshalNode implements diag.Unmarshaler.
func (s *Stage) UnmarshalNode(n diag.Node) error {
	type fields Stage
	err := n.Decode((*fields)(s))
	s.broken = err != nil
	return err
}

// rate reads Rate; 0 for a closed loop or none.
func (s *Stage) rate() (pace.Rate, error) {
	rate := pace.Rate(0)
	if s.Rate.Value == "" || s.Rate.Value == closedLoop {
		return rate, nil
	}
	err := rate.UnmarshalText([]byte(s.Rate.Value))
	return rate, err
}

// kind is a way to write a stage: the fields it must have, those it may have, and the schedule they
// make.
type kind struct {
	needs, may []string
	make       func(s *Stage, rate pace.Rate) (pace.Stage, error)
}

// kinds are tried in their order; the first of which all needed fields are given is meant.
var kinds = []kind{
	{[]string{"pause"}, nil, func(s *Stage, _ pace.Rate) (pace.Stage, error) {
		return pace.Pause{Duration: s.Pause}, nil
	}},
	{[]string{"from", "to", "steps", "duration"}, nil, func(s *Stage, _ pace.Rate) (pace.Stage, error) {
		if s.Steps < 2 || s.Steps > maxSteps || *s.From == 0 || *s.To == 0 {
			return nil, fmt.Errorf("steps need two or more of them, %d at most, and rates above 0", maxSteps)
		}
		return pace.NewSteps(*s.From, *s.To, s.Steps, s.Duration), nil
	}},
	{[]string{"from", "to", "duration"}, nil, func(s *Stage, _ pace.Rate) (pace.Stage, error) {
		if *s.From+*s.To == 0 {
			return nil, fmt.Errorf("a ramp needs a rate above 0 at one end")
		}
		return pace.Ramp{From: *s.From, To: *s.To, Duration: s.Duration}, nil
	}},
	{[]string{"rate", "peak", "hold", "duration"}, []string{"rise"},
		func(s *Stage, rate pace.Rate) (pace.Stage, error) {
			if 2*s.Rise+s.Hold > s.Duration || *s.Peak == 0 {
				return nil, fmt.Errorf("a spike needs a peak above 0 and a duration of at least twice the rise and the hold")
			}
			return pace.NewSpike(rate, *s.Peak, s.Rise, s.Hold, s.Duration), nil
		}},
	{[]string{"rate", "amplitude", "period", "duration"}, nil, func(s *Stage, rate pace.Rate) (pace.Stage, error) {
		if rate == 0 || *s.Amplitude > rate {
			return nil, fmt.Errorf("a sine needs a rate above 0 and an amplitude not above it")
		}
		return pace.Sine{Mean: rate, Amplitude: *s.Amplitude, Period: s.Period, Duration: s.Duration}, nil
	}},
	{[]string{"rate", "duration"}, []string{"hits"}, func(s *Stage, rate pace.Rate) (pace.Stage, error) {
		switch {
		case s.Hits > 0 && s.Rate.Value != closedLoop:
			return nil, fmt.Errorf("hits are bounded by the rate and the duration already")
		case s.Rate.Value == closedLoop:
			return pace.Max{Duration: s.Duration, Limit: s.Hits}, nil
		case rate == 0:
			return nil, fmt.Errorf(`rate must be above 0; a stretch without hits is "pause: 5s"`)
		default:
			return pace.Constant{Rate: rate, Duration: s.Duration}, nil
		}
	}},
}

// maxSteps bounds the steps of one stage.
const maxSteps = 10_000

// closedLoop is the rate of a stage that sends as fast as the target answers.
const closedLoop = "max"

// given lists the fields that say what kind of stage it is, as they are written.
func (s *Stage) given() []string {
	var given []string
	for name, is := range map[string]bool{
		"duration": s.Duration != 0, "rate": s.Rate.Value != "", "from": s.From != nil, "to": s.To != nil, "steps": s.Steps != 0,
		"peak": s.Peak != nil, "rise": s.Rise != 0, "hold": s.Hold != 0, "amplitude": s.Amplitude != nil, "period": s.Period != 0, "pause": s.Pause != 0, "hits": s.Hits != 0,
	} {
		if is {
			given = append(given, name)
		}
	}
	slices.Sort(given)
	return given
}

// resolve finds the stage's kind and makes its schedule, with the rate that it was read to have.
func (s *Stage) resolve(rate pace.Rate) error {
	for _, d := range []time.Duration{s.Duration, s.Rise, s.Hold, s.Period, s.Pause, s.Reload} {
		if d < 0 || d > pace.MaxDuration {
			return fmt.Errorf("a duration is between 0 and %s", pace.MaxDuration)
		}
	}
	given := s.given()
	for _, k := range kinds {
		if slices.ContainsFunc(k.needs, func(name string) bool { return !slices.Contains(given, name) }) {
			continue
		}
		for _, name := range given {
			if !slices.Contains(k.needs, name) && !slices.Contains(k.may, name) {
				return fmt.Errorf("%q does not go with %s", name, strings.Join(k.needs, ", "))
			}
		}
		if s.Rate.Value == closedLoop && len(k.needs) > 2 {
			return fmt.Errorf("a rate of max goes with a duration alone")
		}
		var err error
		s.schedule, err = k.make(s, rate)
		return err
	}
	return fmt.Errorf(`no kind of stage has just %s; the least is "rate" and "duration"`, strings.Join(given, ", "))
}

// Length returns how long the stage takes.
func (s *Stage) Length() time.Duration { return s.schedule.Length() }

// phase returns the phase that the stage belongs to.
func (s *Stage) phase() Phase { return cmp.Or(Phase(s.Phase.Value), Steady) }

// Rescale makes the stages last the given time in all, each in proportion, at the rates that they
// have.
func (s *Scenario) Rescale(to time.Duration) error {
	var length time.Duration
	for _, stage := range s.Stages {
		length += stage.Length()
	}
	if length <= 0 || to <= 0 {
		return fmt.Errorf("stages of %s cannot be made to last %s", length, to)
	}
	for i := range s.Stages {
		stage := &s.Stages[i]
		for _, d := range []*time.Duration{&stage.Duration, &stage.Rise, &stage.Hold, &stage.Period, &stage.Pause} {
			*d = time.Duration(float64(*d) * (float64(to) / float64(length)))
		}
		rate, err := stage.rate()
		if err == nil {
			err = stage.resolve(rate)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Reloads reports whether any stage sends SIGHUP to the target, which must then be a process that
// was started for the run.
func (s *Scenario) Reloads() bool {
	return slices.ContainsFunc(s.Stages, func(stage Stage) bool { return stage.Reload > 0 })
}

// Restage replaces the stages by those of one line, as [pace.Parse] reads it.
func (s *Scenario) Restage(line string) error {
	schedule, err := pace.Parse(line)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(schedule.Stages(), func(stage pace.Stage) bool { _, pause := stage.(pace.Pause); return !pause }) {
		return errors.New("no hit would be sent; give a rate above 0, or max")
	}
	s.Stages = nil
	for _, stage := range schedule.Stages() {
		s.Stages = append(s.Stages, Stage{schedule: stage})
	}
	s.fitConnections()
	return nil
}
