package terminal

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

// facts is what remains, a line each: errors, warnings, truth, how it was measured, notes and
// files.
func (p printer) facts(r reports.Report) tables.Table {
	t := tables.Table{Columns: []tables.Column{{Name: "", Figure: false}, {Name: "", Figure: false}}}
	addFact(&t, "errors", limited(errorKinds(r), p.most.kinds, "kinds")...)
	if r.Verdict != assertions.Pass {
		addFact(&t, "budgets", holding(r))
	}
	addFact(&t, "truth", truthful(r))
	addFact(&t, "memory", tables.Traced(r.Memory))
	if troubled(r) {
		addFact(&t, "shards", limited(tables.LostShards(r), p.most.warnings, "shards")...)
		t.Rows = append(t.Rows, tables.Circumstances(r).Rows...)
	} else {
		addFact(&t, "measurement", measuredBy(r))
	}
	addFact(&t, "warnings", limited(shortened(warnings(r), p.most.note), p.most.warnings, "warnings")...)
	addFact(&t, "notes", limited(shortened(r.Notes, p.most.note), p.most.notes, "notes")...)
	addFiles(&t, r)
	return t
}

// fact adds texts below one label; empty ones are left out.
func addFact(t *tables.Table, label string, texts ...string) {
	for _, text := range texts {
		if text != "" {
			t.Add(0, label, fit.Line(text, 200))
			label = ""
		}
	}
}

// errorKinds returns the errors by request and kind.
func errorKinds(r reports.Report) (kinds []string) {
	for _, q := range r.Requests {
		if q.Name == reports.Total {
			continue
		}
		for _, kind := range slices.Sorted(maps.Keys(q.Kinds)) {
			kinds = append(kinds, fmt.Sprintf("%s: %s %s", fit.Line(q.Name, fit.NameWidth), tables.Count(uint64(q.Kinds[kind])),
				fit.Line(kind, fit.KindsWidth)))
		}
	}
	return kinds
}

// holding reports how many budgets held in a run that did not pass, and which of them has the least
// room.
func holding(r reports.Report) string {
	all := 0
	var kept []assertions.Check
	for _, c := range reports.OfKind(r, func(c assertions.Check) bool { return reports.Measurable(c) && !reports.Countable(c) }) {
		all++
		if reports.Held(c) {
			kept = append(kept, c)
		}
	}
	switch {
	case all == 0:
		return ""
	case len(kept) == 0:
		return fmt.Sprintf("0 of %d held", all)
	default:
		return fmt.Sprintf("%d of %d held; the tightest is %s", len(kept), all, fitting(kept[:1], 0))
	}
}

// truthful reports what was compared with the telemetry, and how much of it held.
func truthful(r reports.Report) string {
	var identities, held, exact, others, othersHeld int
	var promises []string
	for _, c := range r.Checks {
		switch {
		case c.Verdict == assertions.NotApplicable || c.Kind == "delivery" || reports.Measurable(c):
		case reports.Countable(c):
			identities++
			held += index(c.Verdict == assertions.Pass)
			exact += index(c.Verdict == assertions.Pass && !slices.ContainsFunc(reports.Series(c), inexact))
		case c.Kind == "contract" && c.Verdict == assertions.Pass:
			promises = append(promises, c.Sentence())
		default:
			others++
			othersHeld += index(c.Verdict == assertions.Pass)
		}
	}
	var parts []string
	if identities > 0 {
		parts = append(parts, identity(identities, held, exact, hits(r)))
	}
	parts = append(parts, promises...)
	if others > 0 {
		what := " other checks held"
		if others == 1 {
			what = " other check held"
		}
		parts = append(parts, outOf(othersHeld, others)+what)
	}
	return strings.Join(parts, "; ")
}

// identity reports how many identities held, how many of them to the last hit, and over how many
// hits.
func identity(all, held, exact int, hits uint64) string {
	what := "identities"
	if all == 1 {
		what = "identity"
	}
	text := outOf(held, all) + " " + what + " exact"
	if exact < held {
		text = fmt.Sprintf("%s "+what+" held (%d exact, %d within their bounds)", outOf(held, all), exact, held-exact)
	}
	if hits > 0 {
		text += fmt.Sprintf(" over %s hits", tables.Count(hits))
	}
	return text
}

// inexact reports whether the two counts of a finding are not one and the same number.
func inexact(f assertions.Finding) bool { return f.Count.Difference != 0 || f.Count.Ambiguous != 0 }

func outOf(n, all int) string {
	if n == all {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d of %d", n, all)
}

func hits(r reports.Report) (all uint64) {
	for _, e := range r.Ledger {
		all += e.Hits
	}
	return all
}

// troubled reports whether something was wrong with how the run was measured, so that a reader
// needs the details.
func troubled(r reports.Report) bool {
	return r.End != reports.Completed || r.Generator.Dropped > 0 || r.Generator.Waited > 0 ||
		slices.ContainsFunc(r.Scrapes, func(s reports.Scrapes) bool { return s.Failed > 0 }) ||
		slices.ContainsFunc(r.Checks, func(c assertions.Check) bool { return c.Kind == "delivery" && !reports.Held(c) })
}

// measuredBy reports in a line how the generator, the scrapes and the machine did.
func measuredBy(r reports.Report) string {
	var parts []string
	if g := r.Generator; g.Planned > 0 {
		text := fmt.Sprintf("%s of %s hits sent, lag p99 %s%s", tables.Count(g.Sent), tables.Count(g.Planned), quantity.Seconds(g.Lag.P99), late(r))
		if n := len(r.Shards); n > 1 {
			text += fmt.Sprintf(", by %d shards", n)
		}
		parts = append(parts, text)
	}
	read, missed := 0, 0
	for _, s := range r.Scrapes {
		read, missed = read+s.Count, missed+s.Missed
	}
	if read > 0 {
		parts = append(parts, fmt.Sprintf("%d scrapes, %d missed", read, missed))
	}
	if w := r.Where; w.CPUs > 0 {
		text := fmt.Sprintf("%d CPUs", w.CPUs)
		if w.Pressure > 0 {
			text += ", CPU pressure " + quantity.Share(w.Pressure)
		}
		if w.Steal > 0 {
			text += ", " + quantity.Share(w.Steal) + " stolen"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

// late reports up to which lag hits are on time, when they were not and the load was still the
// planned one.
func late(r reports.Report) string {
	for _, c := range r.Checks {
		worst, _ := c.Worst()
		if c.Kind == "delivery" && worst.Unit == "s" && worst.Limit != nil && worst.Margin != nil && *worst.Margin < 0 {
			return " (on time is up to " + quantity.Seconds(*worst.Limit) + ")"
		}
	}
	return ""
}

// warnings returns the warnings that did not hold.
func warnings(r reports.Report) (lines []string) {
	for _, c := range reports.Broken(r) {
		if !reports.Decides(c) {
			lines = append(lines, fmt.Sprintf("%s %s: %s", tables.Warned.Sign, fit.Line(c.ID, fit.IdWidth), fit.Line(c.Sentence(), 120)))
		}
	}
	return lines
}

// files adds where the files are: the page first, then how to see everything.
func addFiles(t *tables.Table, r reports.Report) {
	if len(r.Files) == 0 {
		return
	}
	if slices.Contains(r.Files, tables.PageFile) {
		addFact(t, "page", path.Join(r.Directory, tables.PageFile))
	}
	if r.Directory != "" {
		addFact(t, "all checks", fmt.Sprintf("`brrtload report %s --full`", fit.Line(r.Directory, 200)))
	}
	rest := pageFirst(r.Files)
	if rest[0] == tables.PageFile {
		rest = rest[1:]
	}
	addFact(t, "files", strings.Join(rest, ", "))
}

// pageFirst returns the files by name, the page before the others.
func pageFirst(files []string) []string {
	return slices.SortedFunc(slices.Values(files), func(a, b string) int {
		return cmp.Or(index(b == tables.PageFile)-index(a == tables.PageFile), cmp.Compare(a, b))
	})
}
