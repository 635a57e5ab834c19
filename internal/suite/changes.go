package suite

import (
	"fmt"
	"strings"

	"brrtload/internal/diag"
	"brrtload/scenarios"
)

// Changes are what the command line puts instead of what a scenario says, as it was typed. A run
// keeps them beside the scenario, with the values that the environment gave, so that it can be
// judged again from its directory alone.
type Changes struct {
	Set      []string `json:"set,omitempty"`
	Faults   []string `json:"fault,omitempty"`
	URL      string   `json:"url,omitempty"`
	Metrics  string   `json:"metrics,omitempty"`
	Memory   string   `json:"memory,omitempty"`
	Stages   string   `json:"stages,omitempty"`
	Rate     string   `json:"rate,omitempty"`
	Duration Duration `json:"duration,omitempty"`
	Seed     *uint64  `json:"seed,omitempty"`

	Environment map[string]string `json:"environment,omitempty"` // the variables that the scenario names
}

// apply changes the scenario, but for what --set said: that was there when it was read.
func (c Changes) apply(s *scenarios.Scenario) error {
	if c.Seed != nil {
		s.Seed = *c.Seed
	}
	if c.URL != "" {
		if s.Reloads() {
			return diag.Mistakef("--url: the scenario reloads its target by SIGHUP, and one that runs already is not brrtload's to signal")
		}
		s.Target = scenarios.Target{At: s.Target.At, URL: diag.Text{Value: strings.TrimSuffix(c.URL, "/")},
			Metrics: s.Target.Metrics, ReadyTimeout: s.Target.ReadyTimeout}
	}
	if c.Metrics != "" && s.Scrape.Prometheus != nil {
		return diag.FlagText("--metrics", c.Metrics).Errorf(`the scenario has "scrape: prometheus", and with it nothing is scraped: leave out one of the two`)
	}
	if c.Metrics != "" {
		s.Target.Metrics = diag.Text{Value: c.Metrics}
	}
	if err := c.trace(s); err != nil {
		return err
	}
	if err := c.restage(s); err != nil {
		return err
	}
	for _, fault := range c.Faults {
		if s.Target.Bundled == nil {
			return diag.Mistakef("--fault %s: only the bundled service has faults", fault)
		}
		name, value, _ := strings.Cut(fault, "=")
		if s.Target.Bundled.Faults == nil {
			s.Target.Bundled.Faults = map[string]string{}
		}
		s.Target.Bundled.Faults[name] = value
	}
	return nil
}

// restages reports whether the stages last another time than the scenario says.
func (c Changes) restages() bool { return c.Stages != "" || c.Rate != "" || c.Duration != 0 }

// restage puts the stages of the command line instead of the scenario's.
func (c Changes) restage(s *scenarios.Scenario) error {
	line, length := c.Stages, c.Duration
	switch {
	case c.Stages != "" && (c.Rate != "" || length != 0):
		return diag.Mistakef("--stages excludes --rate and --duration; leave them out")
	case c.Rate == "" && length != 0:
		if err := s.Rescale(length.Duration()); err != nil {
			return diag.Mistakef("--duration %s: %w", length, err)
		}
		return nil
	case c.Rate != "":
		if length == 0 {
			for _, stage := range s.Stages {
				length += Duration(stage.Length())
			}
		}
		line = fmt.Sprintf("%s@%s", length, c.Rate)
	case c.Stages == "":
		return nil
	}
	if err := s.Restage(line); err != nil {
		flag, value := "--stages", c.Stages
		if c.Rate != "" {
			flag, value = "--rate", c.Rate
		}
		return diag.FlagText(flag, value).Errorf("%s", strings.TrimPrefix(err.Error(), fmt.Sprintf("stage %q: ", line)))
	}
	return nil
}
