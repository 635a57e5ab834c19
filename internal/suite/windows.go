package suite

import (
	"slices"
	"time"

	"brrtload/assertions"
	"brrtload/assertions/lint"
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"brrtload/scenarios"
)

// knownWindows returns a diagnostic for every assertion over a window that a run of the scenario
// does not have. Found after the load, that would look like a stage that was not reached. Of a
// scenario whose stages are not fit to be run nothing is said: their names may be what is wrong.
func knownWindows(s *scenarios.Scenario, list []assertions.Assertion) diag.List {
	spans, ok := s.Spans()
	if !ok {
		return nil
	}
	known := scenarios.Windows()
	for _, stage := range spans {
		known = append(known, stage.Name, string(stage.Phase))
	}
	slices.Sort(known)
	return lint.Nowhere(list, slices.Compact(known))
}

// clientOf returns what is known before a run of the labels of the client's series. Of a scenario
// whose stages are not fit to be run their names may be what is wrong.
func clientOf(s *scenarios.Scenario) promql.Client {
	var c promql.Client
	for _, request := range s.Requests {
		c.Requests = append(c.Requests, request.Name.Value)
		for _, failure := range request.Failures() {
			c.Kinds = append(c.Kinds, "check "+failure)
		}
	}
	for name := range s.Credentials {
		c.Credentials = append(c.Credentials, name)
	}
	slices.Sort(c.Credentials)
	spans, _ := s.Spans()
	for _, stage := range spans {
		if !slices.Contains(c.Phases, string(stage.Phase)) {
			c.Phases = append(c.Phases, string(stage.Phase))
		}
		c.Stages = append(c.Stages, stage.Name)
	}
	return c
}

// tooLong finds what looks back further than its window lasts; see [assertions.TooLong]. How long
// the windows of stages and phases last, the scenario says; how long others do, only a run.
func tooLong(s *scenarios.Scenario, list []assertions.Assertion) (mistakes, warnings diag.List) {
	spans, ok := s.Spans()
	if !ok {
		return nil, nil
	}
	lengths := map[string]time.Duration{}
	for _, stage := range spans {
		lengths[string(stage.Phase)] += stage.End - stage.Start
	}
	for _, stage := range spans {
		lengths[stage.Name] = stage.End - stage.Start
	}
	return lint.TooLong(list, lengths)
}
