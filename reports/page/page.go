// Package page writes report.html: one page with the charts of a run, and of each check what was
// found and what it rests on. The same findings are written as text, and its charts as files.
package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"brrtload/assertions"
	"brrtload/reports"
	"brrtload/reports/chart"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

var page = template.Must(template.New("page").Parse(pageText))

// HTML writes a report as one page that needs nothing else: charts are drawn in it, a script only
// adds a cursor, zoom and downloads. Its policy lets nothing in that is not of the page. The same
// report gives the same bytes.
func HTML(w io.Writer, r reports.Report) error {
	v, err := viewOf(r)
	if err != nil {
		return err
	}
	return page.Execute(w, v)
}

// pageView is what the page shows, all text still unescaped.
type pageView struct {
	Policy                        string
	Style                         template.CSS
	Script                        template.JS
	Packed                        string
	Scenario, Word, Class, Reason string
	Meaning                       string
	Facts, Measured               []fact
	Sections                      []pageSection
	Findings, Further             []findingView // those beyond maxListed stand behind one line
	Failures                      []failureView
	Requests                      []requestView
	Panels                        []picture
	Marks                         []string // numbered from 1
	Log                           []loggedView
	Truth                         string
	Residuals, Distribution       []picture
	Budgets                       []budgetView
	Others                        []checkView
	Held                          string // how many others
	Overhead, Capacity            *overheadView
	Memory, Traces                *tableView
	Ledger                        []ledgerView
	Notes                         []string
}

type pageSection struct{ ID, Title string }

// picture is a chart with its title and the names of its lines.
type picture struct {
	ID, Title string
	Data      string // what a script finds its values by: a kind and a number
	Keys      []chart.Key
	SVG       template.HTML
}

func viewOf(r reports.Report) (pageView, error) {
	r, packed, err := pack(r)
	if err != nil {
		return pageView{}, err
	}
	v := pageView{
		Style: template.CSS(pageStyle), Script: template.JS(pageScript), Packed: packed, //nolint:gosec // embedded files
		Policy: fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'",
			hash(pageStyle), hash(pageScript)),
		Scenario: fit.Text(r.Scenario), Word: strings.ToUpper(r.Verdict.String()), Class: tables.ClassOf(r.Verdict),
		Reason: fit.Text(r.Reason),
		Facts:  stripFacts(r), Measured: measuredFacts(r), Overhead: overheadPage(r), Capacity: capacityPage(r),
	}
	for _, note := range r.Notes {
		v.Notes = append(v.Notes, fit.Text(note))
	}
	v.Meaning = meaning(r)
	var charts reports.Timeline
	if r.Timeline != nil {
		charts = *r.Timeline
	}
	v.Findings = findingViews(r, charts)
	if len(v.Findings) > maxListed+1 {
		v.Findings, v.Further = v.Findings[:maxListed], v.Findings[maxListed:]
	}
	v.Failures, v.Requests, v.Ledger = failureViews(r), requestViews(r), ledgerViews(r)
	for i, p := range charts.Panels {
		v.Panels = append(v.Panels, picture{ID: tables.NotInAnchors.ReplaceAllString(p.ID, "-"), Title: fit.Text(p.Title),
			Data: fmt.Sprint("panel ", i), Keys: chart.Classes(p.Lines), SVG: chart.OverTime(charts, p)})
	}
	for _, m := range charts.Marks[:min(len(charts.Marks), maxMarks)] {
		v.Marks = append(v.Marks, fmt.Sprintf("%.1f s: %s", m.At, fit.Text(m.Text)))
	}
	v.Truth, v.Residuals = truth(r, charts)
	v.Distribution = distribution(charts)
	v.Log = logViews(r.Log)
	v.Budgets, v.Others = budgetViews(r, charts), otherViews(r)
	v.Held = counting(len(v.Others), "check", "checks")
	if len(r.Traces) > 0 {
		traces := viewOfTable(tables.Slowest(r))
		v.Traces = &traces
	}
	if r.Memory != nil && len(r.Memory.Sites) > 0 {
		memory := viewOfTable(tables.Memory(r))
		v.Memory = &memory
	}
	v.Sections = v.sections()
	return v, nil
}

// Unheld is the title of the findings: what a run could not decide did not fail.
func (v pageView) Unheld() string {
	if v.Class == tables.ClassOf(assertions.Inconclusive) {
		return "What could not be judged"
	}
	return "What did not hold"
}

func (v pageView) sections() (list []pageSection) {
	for _, s := range []struct {
		there bool
		pageSection
	}{
		{len(v.Findings) > 0, pageSection{"findings", v.Unheld()}},
		{v.Overhead != nil, pageSection{"overhead", "Overhead"}},
		{v.Capacity != nil, pageSection{"capacity", "Capacity"}},
		{len(v.Failures) > 0, pageSection{"failures", "Hits that went wrong"}},
		{len(v.Requests) > 0, pageSection{"requests", "Requests"}},
		{len(v.Panels) > 0, pageSection{"timeline", "Timeline"}},
		{v.Truth != "", pageSection{"truth", "Client against service"}},
		{len(v.Distribution) > 0, pageSection{"distribution", "Distribution"}},
		{v.Memory != nil, pageSection{"memory", "Memory"}},
		{v.Traces != nil, pageSection{"traces", "Slowest traces"}},
		{len(v.Log) > 0, pageSection{"log", "Log"}},
		{len(v.Budgets) > 0, pageSection{"budgets", "Budgets"}},
		{len(v.Others) > 0, pageSection{"checks", "Checks that held"}},
		{len(v.Ledger) > 0, pageSection{"ledger", "Ledger"}},
		{true, pageSection{"measured", "How it was measured"}},
		{true, pageSection{"data", "Data"}},
	} {
		if s.there {
			list = append(list, s.pageSection)
		}
	}
	return list
}

// distribution returns the charts of latency over the steady phase.
func distribution(t reports.Timeline) (figures []picture) {
	if len(t.Spectra) > 0 {
		svg, keys := chart.Distributions(t.Spectra)
		figures = append(figures, picture{Title: "Latency by the share of hits that did not exceed it",
			Data: fmt.Sprint("spectrum ", chart.NinesOf(t.Spectra)), Keys: keys, SVG: svg})
	}
	if t.Heat != nil && len(t.Heat.Bounds) > 1 {
		figures = append(figures, picture{Title: "Hits by time and latency", Data: "heat 0", SVG: chart.HeatMap(t, *t.Heat)})
	}
	return figures
}

// maxListed is the number of findings that stand in the list.
const maxListed = 15

// maxMarks bounds the marks that are listed.
const maxMarks = 50
