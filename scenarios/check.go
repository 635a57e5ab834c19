package scenarios

import (
	"slices"
	"time"

	"brrtload/internal/diag"
	"brrtload/internal/pace"
)

// start is the place of a complaint about the scenario as a whole.
func (s *Scenario) start() diag.Position {
	return diag.Position{File: s.Source.Name, Line: 1, Column: 1}
}

// place returns where the value at a path of keys begins, and the start of the file when it is left
// out.
func (s *Scenario) place(keys ...string) diag.Position {
	n := s.top
	for _, key := range keys {
		value, ok := n.Get(key)
		if !ok {
			return s.start()
		}
		n = value
	}
	return n.Position()
}

// at makes a diagnostic for one rune at a position in one of the scenario's files, or on the
// command line.
func (s *Scenario) at(p diag.Position, format string, args ...any) diag.Diagnostic {
	src, ok := s.sources[p.File]
	if !ok {
		src = s.Source
	}
	return src.At(p.Line, p.Column, 1, format, args...)
}

// check looks beyond the types of the fields.
func (s *Scenario) check() diag.List {
	var found diag.List
	if s.Connections < 1 {
		found = append(found, s.at(s.place("connections"), "connections must be 1 or more"))
	}
	if s.Connections > AllConnections {
		found = append(found, s.at(s.place("connections"), "connections must be %d at most", AllConnections))
	}
	if s.Timeout <= 0 {
		found = append(found, s.at(s.place("timeout"), "timeout must be above 0"))
	}
	s.settle(&found)
	s.checkTarget(&found)
	s.checkTransport(&found)
	found = found.With(s.CheckMemory())
	s.checkStages(&found)
	s.fitConnections()
	s.checkCredentials(&found)
	s.checkRequests(&found)
	s.checkSignals(&found)
	return found
}

func (s *Scenario) checkStages(found *diag.List) {
	if w := s.Warmup; w != nil && w.At != (diag.Position{}) &&
		(w.Rate == 0 || w.Duration <= 0 || w.Duration > pace.MaxDuration) {
		*found = append(*found, s.at(w.At, "warm-up needs a rate and a duration above 0"))
	}
	if s.Stages != nil && len(s.Stages) == 0 {
		*found = append(*found, s.at(s.place("stages"), "no stages"))
	}
	var names []string
	for i := range s.Stages {
		stage := &s.Stages[i]
		rate, err := stage.rate()
		if err != nil {
			*found = append(*found, stage.Rate.Errorf("%v", err))
		} else if !stage.broken {
			if err := stage.resolve(rate); err != nil {
				*found = append(*found, s.at(stage.At, "%v", err))
			}
		}
		if _, closed := stage.schedule.(pace.Max); closed && i < len(s.Stages)-1 {
			*found = append(*found, stage.Rate.Errorf("nothing can follow a stage with a rate of max"))
		}
		if name := stage.Name.Value; name != "" && (slices.Contains(names, name) || slices.Contains(reserved, name)) {
			*found = append(*found, stage.Name.Errorf("stage name %q is taken", name))
		}
		names = append(names, stage.Name.Value)
		if t := s.Target; stage.Reload > 0 && t.Bundled == nil && len(t.Command) == 0 && t.At != (diag.Position{}) {
			*found = append(*found, s.at(stage.At,
				`"reload" sends SIGHUP to a target that is started for the run: "bundled", or a "command"`))
		}
	}
	if len(s.Stages) > 0 && !slices.ContainsFunc(s.Stages, func(stage Stage) bool { return stage.schedule == nil || stage.schedule.Hits() > 0 }) {
		*found = append(*found, s.at(s.place("stages"), "these stages send nothing; give one of them a rate above 0"))
	}
	s.checkPhases(found)
}

// checkPhases wants the stages of a phase to follow each other, and no name to mean two windows.
func (s *Scenario) checkPhases(found *diag.List) {
	var left []Phase
	last := Phase("")
	for i := range s.Stages {
		stage := &s.Stages[i]
		phase := stage.phase()
		if phase != Steady && slices.Contains(reserved, string(phase)) {
			*found = append(*found, stage.Phase.Errorf("phase name %q is taken", phase))
		}
		if phase != last {
			if slices.Contains(left, phase) {
				*found = append(*found, s.at(stage.At,
					"the stages of phase %q do not follow each other; give the later ones another phase", phase))
			}
			left, last = append(left, phase), phase
		}
	}
	for i := range s.Stages {
		if name := s.Stages[i].Name; slices.Contains(left, Phase(name.Value)) &&
			!slices.Contains(reserved, name.Value) {
			*found = append(*found, name.Errorf("stage name %q is that of a phase; name the stage otherwise, for `in: %s` would mean either", name.Value, name.Value))
		}
	}
}

// reserved are the names of windows that are no stage.
var reserved = []string{string(WarmUp), string(Steady), "run", "baseline", "drain", "idle"}

// Windows returns the names of the windows of any run, whatever its stages and phases are called.
// The slice is the caller's.
func Windows() []string { return slices.Clone(reserved) }

func (s *Scenario) checkRequests(found *diag.List) {
	total := 0.0
	var names []string
	for i := range s.Requests {
		r := &s.Requests[i]
		r.Index = i
		if r.At == (diag.Position{}) {
			continue // it is no mapping, and that was said
		}
		r.resolve(s, found)
		total += r.share()
		if slices.Contains(names, r.Name.Value) {
			*found = append(*found, s.at(r.At, "request %q is given twice", r.Name.Value))
		}
		names = append(names, r.Name.Value)
	}
	if s.Requests != nil && total <= 0 {
		*found = append(*found, s.at(s.place("requests"), "no request with a weight above 0"))
	}
}

func (s *Scenario) checkCredentials(found *diag.List) {
	now := time.Now()
	for name, c := range s.Credentials {
		if name == Anonymous {
			*found = append(*found, s.at(c.At, "%q is the name of showing no credential", name))
		}
		wrong := len(*found)
		for _, secret := range c.secrets() {
			if err := secret.resolve(s); err != nil {
				*found = append(*found, *err)
			}
		}
		if err := c.resolve(now); err != nil && len(*found) == wrong {
			*found = append(*found, s.at(c.At, "%v", err))
		}
	}
}

// Warnings returns what is probably not meant, though it can be carried out.
func (s *Scenario) Warnings() diag.List {
	found := s.otherHosts()
	for i := range s.Requests {
		if warning, ok := s.Requests[i].jsonInQuotes(); ok {
			found = append(found, warning)
		}
	}
	if warning, ok := s.absent(); ok {
		found = append(found, warning)
	}
	return found
}
