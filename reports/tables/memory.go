package tables

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
)

// How many sites a report shows: those that allocate most, and of the others those that grow most.
const (
	sitesByBytes  = 7
	sitesByGrowth = 3
)

// Memory has a row for each site that allocates or grows most, and one of all sites.
func Memory(r reports.Report) Table {
	t := Table{Title: "Memory", Spare: []int{4, 1, 5, 2}, Columns: []Column{{"function", false}, {"where", false},
		{"allocations/hit", true}, {"bytes/hit", true}, {"live at start", true}, {"live at end", true}, {"growth/1,000 hits", true}}}
	m := r.Memory
	if m == nil {
		return t
	}
	if m.WholeProcess {
		t.Title = "Memory (totals of the whole process, its start included)"
	}
	shown := mostOf(m.Sites)
	names := shortNames(append(slices.Clone(shown), allSites(m.Sites)))
	row := func(s reports.MemorySite) {
		growth := "–"
		if by, known := s.Growth(); known && m.Hits > 0 {
			growth = signedBytes(by / float64(m.Hits) * 1000)
		}
		t.Add(0, fit.Line(names[s.Function], fit.NameWidth), fit.Line(fileOf(s.Place), fit.NameWidth),
			perHit(s.Allocations, m.Hits, ""), perHit(s.Bytes, m.Hits, "B"),
			bytesOf(s.LiveStart), bytesOf(s.LiveEnd), growth)
	}
	for _, s := range shown {
		row(s)
	}
	if len(shown) > 0 {
		row(allSites(m.Sites))
	}
	if t.Left = len(m.Sites) - len(shown); t.Left > 0 {
		t.Rest = "sites in " + reports.ResultFile
	}
	return t
}

// shortNames returns by function the name that a table shows: without the directories of a Go
// package's path, unless two functions would then be called the same.
func shortNames(sites []reports.MemorySite) map[string]string {
	short := func(function string) string {
		name := function
		if i := strings.IndexAny(name, "([{<"); i >= 0 {
			name = name[:i]
		}
		return function[strings.LastIndex(name, "/")+1:]
	}
	called := map[string]int{}
	for _, s := range sites {
		called[short(s.Function)]++
	}
	names := map[string]string{}
	for _, s := range sites {
		names[s.Function] = s.Function
		if name := short(s.Function); called[name] == 1 {
			names[s.Function] = name
		}
	}
	return names
}

// fileOf returns a place without its directories.
func fileOf(place string) string { return place[strings.LastIndex(place, "/")+1:] }

// mostOf returns the sites that are shown, in their order.
func mostOf(sites []reports.MemorySite) []reports.MemorySite {
	grown := func(s reports.MemorySite) float64 { by, _ := s.Growth(); return by }
	order := make([]int, len(sites))
	for i := range order {
		order[i] = i
	}
	chosen := slices.Clone(order[:min(len(order), sitesByBytes)])
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(grown(sites[b]), grown(sites[a])) })
	for _, i := range order {
		if len(chosen) < sitesByBytes+sitesByGrowth && grown(sites[i]) > 0 && !slices.Contains(chosen, i) {
			chosen = append(chosen, i)
		}
	}
	slices.Sort(chosen)
	var list []reports.MemorySite
	for _, i := range chosen {
		list = append(list, sites[i])
	}
	return list
}

// allSites sums all sites; what one of them does not know, the sum does not.
func allSites(sites []reports.MemorySite) reports.MemorySite {
	sum := func(of func(reports.MemorySite) *float64) *float64 {
		total := 0.0
		for _, s := range sites {
			v := of(s)
			if v == nil {
				return nil
			}
			total += *v
		}
		return &total
	}
	return reports.MemorySite{Function: "all", Allocations: sum(func(s reports.MemorySite) *float64 { return s.Allocations }),
		Bytes: sum(func(s reports.MemorySite) *float64 { return s.Bytes }), LiveStart: sum(func(s reports.MemorySite) *float64 { return s.LiveStart }),
		LiveEnd: sum(func(s reports.MemorySite) *float64 { return s.LiveEnd })}
}

func perHit(v *float64, hits uint64, unit string) string {
	if v == nil || hits == 0 {
		return "–"
	}
	return quantity.Show(*v/float64(hits), unit)
}

func bytesOf(v *float64) string {
	if v == nil {
		return "–"
	}
	return quantity.Bytes(*v)
}

func signedBytes(v float64) string {
	if v < 0 {
		return "−" + quantity.Bytes(-v)
	}
	return "+" + quantity.Bytes(v)
}

// Traced sums up in a line what was seen of the target's memory.
func Traced(m *reports.Memory) string {
	if m == nil || len(m.Sites) == 0 || m.Hits == 0 {
		return ""
	}
	all := allSites(m.Sites)
	parts := []string{fit.Line(m.Tool, fit.NameWidth) + ":"}
	if all.Allocations != nil {
		parts = append(parts, fmt.Sprintf("%s allocations and %s a hit;", perHit(all.Allocations, m.Hits, ""), perHit(all.Bytes, m.Hits, "B")))
	}
	if by, known := all.Growth(); known {
		parts = append(parts, fmt.Sprintf("live %s per 1,000 hits", signedBytes(by/float64(m.Hits)*1000)))
	} else {
		parts = append(parts, fmt.Sprintf("live at the end %s", bytesOf(all.LiveEnd)))
	}
	grown := func(s reports.MemorySite) float64 { by, _ := s.Growth(); return by }
	most := slices.MaxFunc(m.Sites, func(a, b reports.MemorySite) int { return cmp.Compare(grown(a), grown(b)) })
	if by := grown(most); by > 0 {
		parts = append(parts, fmt.Sprintf("(most: %s %s)", fit.Line(shortNames(m.Sites)[most.Function], fit.NameWidth), signedBytes(by/float64(m.Hits)*1000)))
	}
	if m.WholeProcess {
		parts = append(parts, "– of the whole process")
	}
	return strings.Join(parts, " ")
}
