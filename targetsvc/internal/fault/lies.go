//go:build !notelemetry

package fault

import (
	"math"

	dto "github.com/prometheus/client_model/go"

	"brrtload/targetsvc/internal/telemetry"
)

// rewrite changes what was gathered. It owns the families.
type rewrite func(*setting, []*dto.MetricFamily) []*dto.MetricFamily

func lies() []Fault {
	return []Fault{
		{Name: "requests-miss-every-nth", Kind: Lie, Value: "N", Does: "brrtrouter_requests_total misses every nth request",
			check: isCount, seam: seam{rewrite: requestsMissEveryNth}},
	}
}

// Lie puts the lies between the telemetry and its exposition.
func (s *Set) Lie(t *telemetry.Telemetry) {
	for _, f := range All() {
		if f.rewrite != nil {
			set := s.settings[f.Name]
			t.Rewrite(func(families []*dto.MetricFamily) []*dto.MetricFamily {
				if !set.on() {
					return families
				}
				return f.rewrite(set, families)
			})
		}
	}
}

func requestsMissEveryNth(s *setting, families []*dto.MetricFamily) []*dto.MetricFamily {
	n := float64(s.count())
	for _, family := range families {
		if family.GetName() != "brrtrouter_requests_total" {
			continue
		}
		for _, metric := range family.Metric {
			told := metric.GetCounter().GetValue()
			told -= math.Floor(told / n)
			metric.Counter.Value = &told
		}
	}
	return families
}
