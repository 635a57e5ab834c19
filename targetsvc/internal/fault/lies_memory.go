//go:build !notelemetry

package fault

import (
	"errors"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
)

// The families that say what each handler allocated.
var allocated = []string{"brrtrouter_handler_allocated_bytes_total", "brrtrouter_handler_allocated_objects_total"}

// counterOf finds the counter of a handler; one that is not there counts nothing.
func counterOf(family *dto.MetricFamily, handler string) *dto.Counter {
	for _, metric := range family.Metric {
		for _, label := range metric.Label {
			if metric.Counter != nil && label.GetName() == "handler" && label.GetValue() == handler {
				return metric.Counter
			}
		}
	}
	return &dto.Counter{}
}

// doubledAllocations counts what a handler allocated twice.
func doubledAllocations(s *setting, families []*dto.MetricFamily) []*dto.MetricFamily {
	for _, name := range allocated {
		c := counterOf(find(name, families), s.text)
		c.Value = proto.Float64(2 * c.GetValue())
	}
	return families
}

// twoHandlers takes two names with a comma between them.
func twoHandlers(text string) (int64, error) {
	a, b, ok := strings.Cut(text, ",")
	if !ok || a == "" || b == "" || a == b || strings.Contains(b, ",") {
		return 0, errors.New("want two handlers, as in get_pet,list_pets")
	}
	if _, err := handler(a); err != nil {
		return 0, err
	}
	return handler(b)
}

// swappedAllocations reports what each of two handlers allocated as the other's. The sum of all
// handlers stays right.
func swappedAllocations(s *setting, families []*dto.MetricFamily) []*dto.MetricFamily {
	one, other, _ := strings.Cut(s.text, ",")
	for _, name := range allocated {
		family := find(name, families)
		a, b := counterOf(family, one), counterOf(family, other)
		a.Value, b.Value = b.Value, a.Value
	}
	return families
}

// forgottenLeak reports no more than the first scrape found, as if all that was allocated since had
// been freed.
func forgottenLeak(s *setting, families []*dto.MetricFamily) []*dto.MetricFamily {
	s.told.mu.Lock()
	defer s.told.mu.Unlock()
	if s.told.counts == nil {
		s.told.counts = map[string]float64{}
	}
	family := find(s.text, families)
	for _, metric := range family.Metric {
		if metric.Gauge == nil {
			continue
		}
		series, value := seriesOf(family, metric), metric.Gauge.GetValue()
		if most, known := s.told.counts[series]; known {
			metric.Gauge.Value = proto.Float64(min(value, most))
		} else {
			s.told.counts[series] = value
		}
	}
	return families
}
