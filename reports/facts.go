package reports

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/quantity"
)

// facts is what remains, a line each: errors, warnings, truth, how it was measured, notes and
// files.
func (p printer) facts(r Report) table {
	t := table{columns: []column{{"", false}, {"", false}}}
	t.fact("errors", limited(errorKinds(r), p.most.kinds, "kinds")...)
	if r.Verdict != assertions.Pass {
		t.fact("budgets", holding(r))
	}
	t.fact("truth", truthful(r))
	if troubled(r) {
		t.fact("shards", limited(lostShards(r), p.most.warnings, "shards")...)
		t.rows = append(t.rows, circumstances(r).rows...)
	} else {
		t.fact("measurement", measuredBy(r))
	}
	t.fact("warnings", limited(shortened(warnings(r), p.most.note), p.most.warnings, "warnings")...)
	t.fact("notes", limited(shortened(r.Notes, p.most.note), p.most.notes, "notes")...)
	t.files(r)
	return t
}

// fact adds texts below one label; empty ones are left out.
func (t *table) fact(label string, texts ...string) {
	for _, text := range texts {
		if text != "" {
			t.add(0, label, line(text, 200))
			label = ""
		}
	}
}

// errorKinds returns the errors by request and kind.
func errorKinds(r Report) (kinds []string) {
	for _, q := range r.Requests {
		if q.Name == Total {
			continue
		}
		for _, kind := range slices.Sorted(maps.Keys(q.Kinds)) {
			kinds = append(kinds, fmt.Sprintf("%s: %s %s", line(q.Name, nameWidth), count(uint64(q.Kinds[kind])),
				line(kind, kindsWidth)))
		}
	}
	return kinds
}

// holding reports how many budgets held in a run that did not pass, and which of them has the least
// room.
func holding(r Report) string {
	all := 0
	var kept []assertions.Check
	for _, c := range ofKind(r, func(c assertions.Check) bool { return measurable(c) && !countable(c) }) {
		all++
		if held(c) {
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
func truthful(r Report) string {
	var identities, held, exact, others, othersHeld int
	var promises []string
	for _, c := range r.Checks {
		switch {
		case c.Verdict == assertions.NotApplicable || c.Kind == "delivery" || measurable(c):
		case countable(c):
			identities++
			held += index(c.Verdict == assertions.Pass)
			exact += index(c.Verdict == assertions.Pass && !slices.ContainsFunc(series(c), inexact))
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
		text += fmt.Sprintf(" over %s hits", count(hits))
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

func hits(r Report) (all uint64) {
	for _, e := range r.Ledger {
		all += e.Hits
	}
	return all
}

// troubled reports whether something was wrong with how the run was measured, so that a reader
// needs the details.
func troubled(r Report) bool {
	return r.End != Completed || r.Generator.Dropped > 0 || r.Generator.Waited > 0 ||
		slices.ContainsFunc(r.Scrapes, func(s Scrapes) bool { return s.Failed > 0 }) ||
		slices.ContainsFunc(r.Checks, func(c assertions.Check) bool { return c.Kind == "delivery" && !held(c) })
}

// measuredBy reports in a line how the generator, the scrapes and the machine did.
func measuredBy(r Report) string {
	var parts []string
	if g := r.Generator; g.Planned > 0 {
		text := fmt.Sprintf("%s of %s hits sent, lag p99 %s%s", count(g.Sent), count(g.Planned), quantity.Seconds(g.Lag.P99), late(r))
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
func late(r Report) string {
	for _, c := range r.Checks {
		worst, _ := c.Worst()
		if c.Kind == "delivery" && worst.Unit == "s" && worst.Limit != nil && worst.Margin != nil && *worst.Margin < 0 {
			return " (on time is up to " + quantity.Seconds(*worst.Limit) + ")"
		}
	}
	return ""
}

// warnings returns the warnings that did not hold.
func warnings(r Report) (lines []string) {
	for _, c := range Broken(r) {
		if !Decides(c) {
			lines = append(lines, fmt.Sprintf("%s %s: %s", warned.sign, line(c.ID, idWidth), line(c.Sentence(), 120)))
		}
	}
	return lines
}

// pageFile is the file of a run directory to open first.
const pageFile = "report.html"

// files adds where the files are: the page first, then how to see everything.
func (t *table) files(r Report) {
	if len(r.Files) == 0 {
		return
	}
	if slices.Contains(r.Files, pageFile) {
		t.fact("page", path.Join(r.Directory, pageFile))
	}
	if r.Directory != "" {
		t.fact("all checks", fmt.Sprintf("`brrtload report %s --full`", line(r.Directory, 200)))
	}
	rest := pageFirst(r.Files)
	if rest[0] == pageFile {
		rest = rest[1:]
	}
	t.fact("files", strings.Join(rest, ", "))
}

// pageFirst returns the files by name, the page before the others.
func pageFirst(files []string) []string {
	return slices.SortedFunc(slices.Values(files), func(a, b string) int {
		return cmp.Or(index(b == pageFile)-index(a == pageFile), cmp.Compare(a, b))
	})
}
