package formats

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"brrtload/assertions"
	"brrtload/reports"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

// MarkdownLimit is the most, in bytes, that Markdown writes: a comment on a pull request holds
// 65,536.
const MarkdownLimit = 64_000

// Markdown writes the report as GitHub-flavoured Markdown within [MarkdownLimit].
func Markdown(w io.Writer, r reports.Report) error { return MarkdownWithin(w, r, MarkdownLimit) }

// MarkdownWithin writes the report as GitHub-flavoured Markdown of at most limit bytes (1,000 at
// least). The first line can stand alone; what did not hold comes next. Sections that do not fit
// are left out whole, and named at the end.
func MarkdownWithin(w io.Writer, r reports.Report, limit int) error {
	const reserve = 600 // for the names of what was left out
	var out bytes.Buffer
	fmt.Fprintf(&out, "**%s** %s: %s\n\n", strings.ToUpper(r.Verdict.String()), prose(fit.Line(r.Scenario, fit.NameWidth)),
		prose(fit.Line(r.Reason, 300)))
	var left []string
	for _, s := range markdownSections(r, limit) {
		if out.Len()+len(s.text) > limit-reserve {
			left = append(left, s.title)
			continue
		}
		out.WriteString(s.text)
	}
	if len(left) > 0 {
		fmt.Fprintf(&out, "_Left out for size, and in full in `%s`: %s._\n", reports.ResultFile, strings.Join(left, ", "))
	}
	_, err := w.Write(out.Bytes())
	return err
}

// section is a part of a document that stands or falls as a whole.
type section struct{ title, text string }

func markdownSections(r reports.Report, limit int) []section {
	sections := []section{{"what did not hold", markdownBroken(r, limit/2)}}
	for _, t := range tables.All(r) {
		if len(t.Rows) > 0 {
			sections = append(sections, section{t.Title, markdownTable(t)})
		}
	}
	return append(sections,
		section{"all checks", markdownChecks(r)},
		section{"notes", markdownList("Notes", r.Notes)},
		section{"provenance", markdownProvenance(r)})
}

// markdownBroken reports of the checks that did not hold, the worst first, as many as fit into room
// bytes.
func markdownBroken(r reports.Report, room int) string {
	var out strings.Builder
	checks := tables.Echoed(reports.Broken(r))
	for i, c := range checks {
		item := markdownCheck(c, r)
		if out.Len()+len(item) > room {
			fmt.Fprintf(&out, "- and %d more in `%s`\n", len(checks)-i, reports.ResultFile)
			break
		}
		out.WriteString(item)
	}
	if len(checks) > 0 {
		out.WriteString("\n")
	}
	return out.String()
}

// markdownCheck writes one check. What the headline says is not repeated.
func markdownCheck(c assertions.Check, r reports.Report) string {
	var out strings.Builder
	m := tables.MarkOf(c)
	fmt.Fprintf(&out, "- %s **%s** %s", m.Sign, m.Word, prose(fit.Line(c.ID, 100)))
	if c.ID != r.DecidedBy || len(r.Reason) > 300 {
		out.WriteString(": " + prose(fit.Line(c.Sentence(), 300)))
	}
	out.WriteString("\n")
	if reports.Overruled(c) { // the check that overruled it has the cause
		return out.String()
	}
	for _, detail := range tables.Details(c, tables.Tabled) {
		fmt.Fprintf(&out, "  - %s\n", prose(fit.Line(detail, 300)))
	}
	fmt.Fprintf(&out, "  - on the page: `%s`\n", tables.PageAddress(c))
	return out.String()
}

// markdownChecks lists every check with what was measured, from how many samples, and by which
// query.
func markdownChecks(r reports.Report) string {
	var out strings.Builder
	checks := tables.Echoed(reports.OfKind(r, func(assertions.Check) bool { return true }))
	if len(checks) == 0 {
		return ""
	}
	fmt.Fprintf(&out, "<details><summary>All %d checks, with their queries as run</summary>\n\n", len(checks))
	for _, c := range checks[:min(len(checks), tables.MaxRows)] {
		fmt.Fprintf(&out, "- %s %s: %s (%s)\n", tables.MarkOf(c).Sign, prose(fit.Line(c.ID, 100)),
			prose(fit.Line(cmp.Or(measurements(c), c.Sentence()), 200)), prose(tables.Basis(c)))
		if c.Query != "" {
			fmt.Fprintf(&out, "  - %s\n", prose(fit.Line(c.Query, 300)))
		}
	}
	if left := len(checks) - tables.MaxRows; left > 0 {
		fmt.Fprintf(&out, "- and %d more in `%s`\n", left, reports.ResultFile)
	}
	out.WriteString("\n</details>\n\n")
	return out.String()
}

func markdownTable(t tables.Table) string {
	var out strings.Builder
	fmt.Fprintf(&out, "### %s\n\n", t.Title)
	// GitHub wants a head, if an empty one
	names, rules := make([]string, len(t.Columns)), make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i], rules[i] = c.Name, "---"
		if c.Figure {
			rules[i] = "---:"
		}
	}
	markdownRow(&out, names)
	markdownRow(&out, rules)
	for _, row := range t.Rows {
		cells := make([]string, len(row.Cells))
		for i, cell := range row.Cells {
			cells[i] = prose(cell)
		}
		markdownRow(&out, cells)
	}
	if t.Left > 0 {
		fmt.Fprintf(&out, "\nand %d more in `%s`\n", t.Left, reports.ResultFile)
	}
	out.WriteString("\n")
	return out.String()
}

func markdownRow(out *strings.Builder, cells []string) {
	fmt.Fprintf(out, "| %s |\n", strings.Join(cells, " | "))
}

func markdownList(title string, items []string) string {
	if len(items) == 0 {
		return ""
	}
	var out strings.Builder
	fmt.Fprintf(&out, "### %s\n\n", title)
	for _, item := range items[:min(len(items), tables.MaxRows)] {
		fmt.Fprintf(&out, "- %s\n", prose(fit.Line(item, 500)))
	}
	out.WriteString("\n")
	return out.String()
}

func markdownProvenance(r reports.Report) string {
	var out strings.Builder
	out.WriteString("<details><summary>Where and with what this was measured</summary>\n\n")
	for _, p := range provenance(r) {
		fmt.Fprintf(&out, "- %s: %s\n", prose(p.Name), prose(fit.Line(p.Value, 200)))
	}
	out.WriteString("\n</details>\n")
	return out.String()
}

// prose makes a line of text mean itself in Markdown: every character that could begin markup, a
// list, a link, a mention, a reference or an entity is escaped. An escape does not stop GitHub from
// reading "@name" and "#1", which it looks for in the finished text, so an invisible word joiner
// parts them.
func prose(text string) string {
	var out strings.Builder
	var before rune
	digits := true // so far: "1." begins a list
	for i, r := range text {
		after, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
		switch {
		case r == '@', r == '#':
			out.WriteString("\\" + string(r) + "\u2060")
		case strings.ContainsRune("\\`*_[]<>|~$&{!", r),
			i == 0 && strings.ContainsRune("-+=", r),
			i > 0 && digits && (r == '.' || r == ')'),
			r == ':' && !unicode.IsSpace(after),
			r == '.' && unicode.ToLower(before) == 'w':
			out.WriteString("\\" + string(r))
		default:
			out.WriteRune(r)
		}
		digits = digits && '0' <= r && r <= '9'
		before = r
	}
	return out.String()
}
