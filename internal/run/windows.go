package run

import (
	"time"

	"brrtload/internal/facts"
	"brrtload/internal/process"
	"brrtload/scenarios"
)

// markStages names the stages and phases that were begun. A stretch whose edge scrape failed has no
// edge: what rests on it is inconclusive.
func (r *runner) markStages() {
	phases := map[scenarios.Phase]facts.Window{}
	for _, s := range r.client.Edges() {
		if s.Start.IsZero() {
			break
		}
		r.mark(s.Name, s.Window().Start, s.Window().End)
		phase, begun := phases[s.Phase]
		if !begun {
			phase.Start = s.Window().Start
		}
		phase.End = s.Window().End
		phases[s.Phase] = phase
	}
	for name, w := range phases {
		r.mark(string(name), w.Start, w.End)
	}
}

func (r *runner) mark(name string, start, end time.Time) {
	r.store.Mark(facts.Window{Name: name, Start: start, End: end})
}

// count puts what the processes used since t0 into the report.
func (r *runner) count() {
	sent := float64(r.ledger.Counts().Sent)
	if sent == 0 {
		return
	}
	if cpu, err := process.CPU(own); err == nil {
		r.report.Generator.CPUSeconds = (cpu - r.ownCPU).Seconds()
		r.report.Generator.CPUPerHit = r.report.Generator.CPUSeconds / sent
	}
	if used, err := r.target.Usage(); err == nil {
		r.report.Target.CPUSeconds = (used.CPU - r.targetCPU).Seconds()
		r.report.Target.CPUPerHit = r.report.Target.CPUSeconds / sent
		r.report.Target.ResidentPeak = float64(used.ResidentPeak)
	}
}

// underWay returns the windows that have begun, up to now: the run, the phase and the stage.
func (r *runner) underWay(now time.Time) []facts.Window {
	edges := r.client.Edges()
	windows := []facts.Window{{Name: facts.Run, Start: edges[0].Start, End: now}}
	var phase facts.Window
	for _, s := range edges {
		if s.Start.IsZero() || s.NoStart {
			break
		}
		if string(s.Phase) != phase.Name {
			phase = facts.Window{Name: string(s.Phase), Start: s.Start, End: now}
		}
		if s.End.IsZero() {
			windows = append(windows, phase)
			if s.Name != phase.Name {
				windows = append(windows, facts.Window{Name: s.Name, Start: s.Start, End: now})
			}
			break
		}
	}
	return windows
}
