//go:build !notelemetry

package fault

import (
	"math"
	"strings"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
)

// told is what a lie told before, or knew.
type told struct {
	mu       sync.Mutex
	at       time.Time
	families []*dto.MetricFamily
	counts   map[string]float64 // by series
}

const requestsTotal = "brrtrouter_requests_total"

// find returns the family of that name; one that is not there has no series.
func find(name string, families []*dto.MetricFamily) *dto.MetricFamily {
	for _, family := range families {
		if family.GetName() == name {
			return family
		}
	}
	return &dto.MetricFamily{}
}

// nth counts how many times n goes into a count.
func (s *setting) nth(counted float64) float64 { return math.Floor(counted / float64(s.number)) }

func requestsMissEveryNth(s *setting, families []*dto.MetricFamily) []*dto.MetricFamily {
	for _, metric := range find(requestsTotal, families).Metric {
		counted := metric.GetCounter().GetValue()
		metric.Counter.Value = proto.Float64(counted - s.nth(counted))
	}
	return families
}

func requestsCountedTwice(s *setting, families []*dto.MetricFamily) []*dto.MetricFamily {
	for _, metric := range find(requestsTotal, families).Metric {
		counted := metric.GetCounter().GetValue()
		metric.Counter.Value = proto.Float64(counted + s.nth(counted))
	}
	return families
}

func inFlightLeak(s *setting, families []*dto.MetricFamily) []*dto.MetricFamily {
	leaked := s.nth(requests(families))
	for _, metric := range find("brrtrouter_active_requests", families).Metric {
		metric.Gauge.Value = proto.Float64(metric.GetGauge().GetValue() + leaked)
	}
	return families
}

// requests adds up what was counted of them, whatever the handler and the status.
func requests(families []*dto.MetricFamily) (counted float64) {
	for _, metric := range find(requestsTotal, families).Metric {
		counted += metric.GetCounter().GetValue()
	}
	return counted
}

// counterReset takes away what the counters had counted at the first scrape that finds so many
// requests. Only counters are reset, as when one of several processes behind an address is
// replaced.
func counterReset(s *setting, families []*dto.MetricFamily) []*dto.MetricFamily {
	s.told.mu.Lock()
	defer s.told.mu.Unlock()
	first := s.told.counts == nil
	if first && requests(families) < float64(s.number) {
		return families
	}
	if first {
		s.told.counts = map[string]float64{}
	}
	for _, family := range families {
		if family.GetType() != dto.MetricType_COUNTER || !strings.HasPrefix(family.GetName(), "brrtrouter_") {
			continue
		}
		for _, metric := range family.Metric {
			series, counted := seriesOf(family, metric), metric.GetCounter().GetValue()
			if first {
				s.told.counts[series] = counted
			}
			metric.Counter.Value = proto.Float64(counted - s.told.counts[series])
		}
	}
	return families
}

// seriesOf names a series by family and label values.
func seriesOf(family *dto.MetricFamily, metric *dto.Metric) string {
	parts := []string{family.GetName()}
	for _, label := range metric.Label {
		parts = append(parts, label.GetValue())
	}
	return strings.Join(parts, "\x00")
}

// recall returns copies of what is kept.
func (t *told) recall() []*dto.MetricFamily {
	var out []*dto.MetricFamily
	for _, family := range t.families {
		out = append(out, proto.CloneOf(family))
	}
	return out
}

func frozenGauge(s *setting, families []*dto.MetricFamily) []*dto.MetricFamily {
	s.told.mu.Lock()
	defer s.told.mu.Unlock()
	for i, family := range families {
		if family.GetName() != s.text {
			continue
		}
		if s.told.families == nil {
			s.told.families = []*dto.MetricFamily{proto.CloneOf(family)}
		}
		families[i] = s.told.recall()[0]
	}
	return families
}

func staleMetrics(s *setting, families []*dto.MetricFamily) []*dto.MetricFamily {
	s.told.mu.Lock()
	defer s.told.mu.Unlock()
	if s.told.families == nil || time.Since(s.told.at) >= time.Duration(s.number) {
		s.told.families, s.told.at = families, time.Now()
	}
	return s.told.recall()
}
