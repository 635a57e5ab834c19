package lint

import (
	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/diag"
	"slices"
	"strings"
)

// Misread lists the mistakes that can be known before a run, each where it is written: what is read
// of the client's own series that they do not have, label_replace with a group that its regular
// expression does not have, sides of an identity that could never meet.
func Misread(list []assertions.Assertion, c promql.Client) diag.List {
	var found diag.List
	var known promql.Vocabulary
	for _, a := range list {
		if at := a.About().Position; at == (diag.Position{}) {
			continue // made of the scenario
		} else if _, pack := at.Shipped(); pack {
			// a pack may be written for scenarios with other requests
			known = promql.VocabularyOfClient(promql.Client{Phases: c.Phases})
		} else {
			known = promql.VocabularyOfClient(c)
		}
		for _, q := range a.About().Queries {
			for _, m := range q.Misfits(known) {
				found = append(found, q.ErrorAt(m.Place, m.Text))
			}
			found = append(found, q.Groups()...)
			found = append(found, q.Meaningless()...)
		}
		found = append(found, unlike(a.About().Sides)...)
	}
	return found
}

// apart finds sides that are aggregated by other labels.
func unlike(s *assertions.Sides) diag.List {
	if s == nil {
		return nil
	}
	r, known := s.Reference.Grouping()
	by, both := s.Server.Grouping()
	if !known || !both || slices.Equal(r, by) || len(r) == 0 && len(by) == 0 {
		return nil
	}
	return diag.List{s.Server.Source().Errorf("the sides are aggregated by other labels, (%s) and (%s): aggregate both by the same; label_replace renames one",
		strings.Join(r, ", "), strings.Join(by, ", "))}
}
