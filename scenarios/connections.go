package scenarios

import "brrtload/internal/pace"

// The bounds of how many connections a scenario uses that does not say: as many as its highest rate
// sends in half a second, within these.
const (
	FewestConnections = 64
	MostConnections   = 256
)

// AllConnections is the most that a scenario may ask for: more than one address has ports.
const AllConnections = 100_000

// fitConnections follows the rate with the number of connections, unless the scenario gives it.
func (s *Scenario) fitConnections() {
	if _, given := s.top.Get("connections"); given {
		return
	}
	var peak pace.Rate
	if s.Warmup != nil {
		peak = s.Warmup.Rate
	}
	for _, stage := range s.Stages {
		if stage.schedule != nil {
			peak = max(peak, stage.schedule.Peak())
		}
	}
	s.Connections = int(max(FewestConnections, min(peak.PerSecond()/2, MostConnections)))
}
