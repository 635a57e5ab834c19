package evidence

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"brrtload/internal/facts"
)

// Relayed says that the service's series are those of another server, which scrapes at times of its
// own: no scrape lies at the edge of a stage. Windows within the run then begin, for what reads
// these series, with the first scrapes in them, so that nothing counts in a window that happened
// before it; client series keep the edges.
type Relayed struct {
	Every time.Duration `json:"every"` // between two scrapes, in nanoseconds
	// Doubt is why nothing can be concluded from these series; empty when nothing speaks against
	// it.
	Doubt string `json:"doubt,omitempty"`
}

// Relay reports that the service's series are another server's. It replaces what was reported
// before.
func (s *Store) Relay(r Relayed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.relayed = &r
}

// fewest is how many scrapes of each endpoint a window within the run must have, for anything to be
// concluded from them.
const fewest = 2

// fit returns the window in which a question about the service is answered, and an error of type
// [facts.Undecided] where it cannot be.
func (s *Store) fit(expr string, w facts.Window) (facts.Window, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.relayed == nil || !readsService(expr) {
		return w, nil
	}
	if s.relayed.Doubt != "" {
		return w, facts.Undecided{Why: s.relayed.Doubt}
	}
	i := slices.IndexFunc(s.windows, func(of facts.Window) bool { return of.Name == facts.Run })
	if i < 0 {
		return w, nil
	}
	run := s.windows[i]
	if w.Start.Before(run.Start) || !w.End.Before(run.End) || w.Name == drain {
		return w, nil // its edges wait for scrapes
	}
	start, first := w.Start, w.Start.Equal(run.Start)
	for _, name := range slices.Sorted(maps.Keys(s.families)) {
		e := s.families[name]
		from, _ := slices.BinarySearch(e.Scrapes, w.Start.UnixMilli())
		to, _ := slices.BinarySearch(e.Scrapes, w.End.UnixMilli()+1)
		if from == to && (len(e.Scrapes) == 0 || e.Scrapes[len(e.Scrapes)-1] < run.End.UnixMilli()) {
			continue // it has ended
		}
		if to-from < fewest {
			return w, facts.Undecided{Why: fmt.Sprintf("Prometheus scraped %s %d times in %s (%s), every %s; let it last %s or longer, or scrape the service itself",
				name, to-from, w.Name, w.End.Sub(w.Start).Round(100*time.Millisecond), s.relayed.Every,
				(fewest+1)*s.relayed.Every)}
		}
		if at := time.UnixMilli(e.Scrapes[from]); !first && at.After(start) {
			start = at
		}
	}
	if !start.Before(w.End) {
		return w, facts.Undecided{Why: fmt.Sprintf("the scrapes of Prometheus lie too far apart in %s", w.Name)}
	}
	w.Start = start
	return w, nil
}

// drain names the window between the load and the final scrape.
const drain = "drain"

// readsService reports whether an expression reads series that are not brrtload's own.
func readsService(expr string) bool {
	parsed, err := parsers.ParseExpr(expr)
	if err != nil {
		return true // the engine reports it
	}
	found := false
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if v, ok := node.(*parser.VectorSelector); ok {
			own := slices.ContainsFunc(v.LabelMatchers, func(m *labels.Matcher) bool {
				return m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual && facts.OfClient(m.Value)
			})
			found = found || !own
		}
		return nil
	})
	return found
}
