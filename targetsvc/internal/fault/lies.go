//go:build !notelemetry

package fault

import (
	"math"

	dto "github.com/prometheus/client_model/go"

	"brrtload/targetsvc/internal/telemetry"
)

// lie has the function of a lie at its seam: exactly one is set.
type lie struct {
	// gathered changes what was gathered for one scrape. It owns the families.
	gathered func(*setting, []*dto.MetricFamily) []*dto.MetricFamily
}

// lies lists the faults in what the telemetry says; the service does what it should.
func lies() []Fault {
	return []Fault{
		{"requests-miss-every-nth", Lie, "N", "brrtrouter_requests_total misses every nth request",
			count, seam{lie: lie{gathered: requestsMissEveryNth}}},
	}
}

// Lie puts the lies between the telemetry and those who read it.
func (s *Set) Lie(t *telemetry.Telemetry) {
	t.Rewrite(func(families []*dto.MetricFamily) []*dto.MetricFamily {
		for _, on := range *s.active.Load() {
			if on.lie.gathered != nil {
				families = on.lie.gathered(on, families)
			}
		}
		return families
	})
}

func requestsMissEveryNth(s *setting, families []*dto.MetricFamily) []*dto.MetricFamily {
	for _, family := range families {
		if family.GetName() != "brrtrouter_requests_total" {
			continue
		}
		for _, metric := range family.Metric {
			told := metric.GetCounter().GetValue()
			told -= math.Floor(told / float64(s.number))
			metric.Counter.Value = &told
		}
	}
	return families
}
