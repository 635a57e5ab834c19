package evidence

import (
	"maps"
	"slices"
	"time"

	"brrtload/internal/facts"
)

// maxSpans bounds how often a family's metadata may change and be kept apart. Later changes are
// folded into the last span.
const maxSpans = 1000

// catalogue is the metadata of every scrape, by endpoint.
type catalogue map[string]*exposed

// exposed is what one endpoint exposed: the times of its scrapes, and for each family the spans of
// them that had it.
type exposed struct {
	Scrapes  []int64            `json:"scrapes"` // milliseconds
	Families map[string][]*span `json:"families"`
}

// span is a family unchanged over scrapes First to Last, indices into exposed.Scrapes.
type span struct {
	facts.Family
	First int `json:"first_scrape"`
	Last  int `json:"last_scrape"`
}

// Describe records the metadata that one scrape of an endpoint gave. Scrapes of an endpoint come in
// order of time.
func (s *Store) Describe(endpoint string, t time.Time, families []facts.Family) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.families == nil {
		s.families = catalogue{}
	}
	e := s.families[endpoint]
	if e == nil {
		e = &exposed{Families: map[string][]*span{}}
		s.families[endpoint] = e
	}
	e.Scrapes = append(e.Scrapes, t.UnixMilli())
	for _, f := range families {
		f.Endpoint = endpoint
		e.fold(f, len(e.Scrapes)-1)
	}
}

// fold lengthens the family's last span, or begins one when it has changed or was away.
func (e *exposed) fold(f facts.Family, scrape int) {
	spans := e.Families[f.Name]
	if n := len(spans); n > 0 {
		last := spans[n-1]
		sameLabels := maps.EqualFunc(last.Labels, f.Labels, slices.Equal)
		if sameLabels {
			f.Labels = last.Labels // one copy for all spans that share them
		}
		if last.Last == scrape-1 && sameShape(last.Family, f) && last.Series == f.Series && sameLabels {
			last.Last = scrape
			return
		}
		if n == maxSpans {
			last.Last = scrape
			last.Series = max(last.Series, f.Series)
			last.Labels = union(last.Labels, f.Labels)
			return
		}
	}
	e.Families[f.Name] = append(spans, &span{Family: f, First: scrape, Last: scrape})
}

// Families implements assertions.Evidence. Both edges belong to the window.
func (s *Store) Families(w facts.Window) []facts.Family {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []facts.Family
	for _, endpoint := range slices.Sorted(maps.Keys(s.families)) {
		e := s.families[endpoint]
		from, _ := slices.BinarySearch(e.Scrapes, w.Start.UnixMilli())
		to, _ := slices.BinarySearch(e.Scrapes, w.End.UnixMilli()+1)
		for _, name := range slices.Sorted(maps.Keys(e.Families)) {
			all = append(all, e.within(e.Families[name], from, to-1)...)
		}
	}
	return all
}

// within joins the spans of a family that overlap scrapes from to to, as long as they have one
// shape.
func (e *exposed) within(spans []*span, from, to int) []facts.Family {
	var joined []facts.Family
	for _, p := range spans {
		first, last := max(p.First, from), min(p.Last, to)
		if first > last {
			continue
		}
		if n := len(joined); n == 0 || !sameShape(joined[n-1], p.Family) {
			f := p.Family
			f.Scrapes, f.First = 0, time.UnixMilli(e.Scrapes[first])
			joined = append(joined, f)
		}
		f := &joined[len(joined)-1]
		f.Scrapes += last - first + 1
		f.Last = time.UnixMilli(e.Scrapes[last])
		f.Series = max(f.Series, p.Series)
		f.Labels = union(f.Labels, p.Labels)
	}
	return joined
}

func sameShape(a, b facts.Family) bool {
	return a.Type == b.Type && a.Help == b.Help && a.Unit == b.Unit
}

// union returns the values in either, sorted, at most [assertions.MaxLabelValues] of a label. It
// changes neither.
func union(a, b map[string][]string) map[string][]string {
	if maps.EqualFunc(a, b, slices.Equal) {
		return a
	}
	both := maps.Clone(a)
	if both == nil {
		both = map[string][]string{}
	}
	for name, values := range b {
		merged := slices.Concat(both[name], values)
		slices.Sort(merged)
		merged = slices.Compact(merged)
		both[name] = merged[:min(len(merged), facts.MaxLabelValues)]
	}
	return both
}
