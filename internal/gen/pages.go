package gen

import (
	"fmt"
	"slices"
	"strings"

	"brrtload/internal/expected"
	"brrtload/internal/profile"
	"brrtload/reports"
	"brrtload/reports/terminal"
)

// pages are those with generated tables.
var pages = []page{
	{"docs/scenarios.md", scenarioKeys},
	{"docs/assertions/metrics-of.md", profiles},
	{"docs/endpoints.md", fixed(troubles("trouble", "what the run says", expected.Endpoints))},
	{"docs/prometheus.md", fixed(troubles("trouble", "what the run says", expected.Prometheus))},
	{"docs/faults.md", faults},
	{"docs/lies.md", fixed(lies())},
	{"docs/scenarios-shipped.md", fixed(behaviours())},
	{"docs/reports.md", report},
}

// fixed are parts that do not depend on comments.
func fixed(parts ...string) func(map[string]string) ([]string, error) {
	return func(map[string]string) ([]string, error) { return parts, nil }
}

// grid writes a table: its head, and rows of cells.
func grid(head []string, rows [][]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat("---|", len(head)))
	for _, cells := range rows {
		b.WriteString(strings.ReplaceAll("| "+strings.Join(cells, " | ")+" |\n", "|  |", "| |"))
	}
	return b.String()
}

// code puts texts between backquotes.
func code(texts ...string) string {
	if len(texts) == 0 {
		return ""
	}
	return "`" + strings.Join(texts, "`, `") + "`"
}

func troubles(what, says string, all []expected.Trouble) string {
	var rows [][]string
	for _, t := range all {
		rows = append(rows, []string{t.Name, fmt.Sprint(t.Status), code(t.Says...)})
	}
	return grid([]string{what, "exit", says}, rows)
}

func faults(map[string]string) (parts []string, err error) {
	for _, group := range expected.Faults {
		parts = append(parts, troubles("fault", "what it says", group.Faults))
	}
	return parts, nil
}

func lies() string {
	var rows [][]string
	for _, l := range slices.Concat(expected.Lies, expected.OtherLies, expected.MemoryLies) {
		fault, also := code(l.Fault), "–"
		if l.With != "" {
			fault += ", with `brrtload run " + l.With + "`"
		}
		if len(l.Also) > 0 {
			also = code(l.Also...) + ": " + l.Why
		}
		rows = append(rows, []string{fault, code(l.By), also})
	}
	return grid([]string{"lie", "caught by", "also speaking"}, rows)
}

func behaviours() string {
	var rows [][]string
	for _, c := range expected.Behaviours {
		by := "exit 5"
		if c.By != "" {
			by = code(c.By)
		}
		rows = append(rows, []string{code(c.Scenario), code(c.Fault), by})
	}
	return grid([]string{"scenario", "fault", "caught by"}, rows)
}

func profiles(map[string]string) ([]string, error) {
	var rows [][]string
	for _, name := range profile.Names() {
		p, err := profile.Get(name)
		if err != nil {
			return nil, err
		}
		rows = append(rows, []string{code(name), p.Title + ". Source: " + p.Source, code(p.Counter), strings.Join(p.Quirks, "; ")})
	}
	return []string{grid([]string{"name", "instrumentation", "counter", "known of it"}, rows)}, nil
}

// report is the report of a real run, which is kept beside the picture of it.
func report(map[string]string) ([]string, error) {
	run, err := reports.Read("docs/picture/run")
	if err != nil {
		return nil, err
	}
	run.Directory = "runs/pets"
	var text strings.Builder
	err = terminal.Write(&text, run, terminal.Options{})
	return []string{"```\n" + text.String() + "```\n"}, err
}
