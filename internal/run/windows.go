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
	for _, s := range r.client.edges() {
		if s.start.IsZero() {
			break
		}
		r.mark(s.Name, s.window().Start, s.window().End)
		phase, begun := phases[s.Phase]
		if !begun {
			phase.Start = s.window().Start
		}
		phase.End = s.window().End
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
