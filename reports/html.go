package reports

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"brrtload/assertions"
)

//go:embed page/page.html
var pageText string

//go:embed page/page.css
var pageStyle string

//go:embed page/page.js
var pageScript string

var page = template.Must(template.New("page").Parse(pageText))

// HTML writes a report as one page that needs nothing else: charts are drawn in it, a script only
// adds a cursor, zoom and downloads. Its policy lets nothing in that is not of the page. The same
// report gives the same bytes.
func HTML(w io.Writer, r Report) error {
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
	Traces                        *tableView
	Ledger                        []ledgerView
	Notes                         []string
}

type pageSection struct{ ID, Title string }

// picture is a chart with its title and the names of its lines.
type picture struct {
	ID, Title string
	Data      string // what a script finds its values by: a kind and a number
	Keys      []key
	SVG       template.HTML
}

func viewOf(r Report) (pageView, error) {
	r, packed, err := pack(r)
	if err != nil {
		return pageView{}, err
	}
	v := pageView{
		Style: template.CSS(pageStyle), Script: template.JS(pageScript), Packed: packed, //nolint:gosec // embedded files
		Policy: fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'",
			hash(pageStyle), hash(pageScript)),
		Scenario: fitText(r.Scenario), Word: strings.ToUpper(r.Verdict.String()), Class: classOf(r.Verdict),
		Reason: fitText(r.Reason),
		Facts:  stripFacts(r), Measured: measuredFacts(r), Overhead: overheadPage(r), Capacity: capacityPage(r),
	}
	for _, note := range r.Notes {
		v.Notes = append(v.Notes, fitText(note))
	}
	v.Meaning = meaning(r)
	var charts Timeline
	if r.Timeline != nil {
		charts = *r.Timeline
	}
	v.Findings = findingViews(r, charts)
	if len(v.Findings) > maxListed+1 {
		v.Findings, v.Further = v.Findings[:maxListed], v.Findings[maxListed:]
	}
	v.Failures, v.Requests, v.Ledger = failureViews(r), requestViews(r), ledgerViews(r)
	for i, p := range charts.Panels {
		v.Panels = append(v.Panels, picture{ID: notInAnchors.ReplaceAllString(p.ID, "-"), Title: fitText(p.Title),
			Data: fmt.Sprint("panel ", i), Keys: classes(p.Lines), SVG: charts.overTime(p)})
	}
	for _, m := range charts.Marks[:min(len(charts.Marks), maxMarks)] {
		v.Marks = append(v.Marks, fmt.Sprintf("%.1f s: %s", m.At, fitText(m.Text)))
	}
	v.Truth, v.Residuals = truth(r, charts)
	v.Distribution = charts.distribution()
	v.Log = logViews(r.Log)
	v.Budgets, v.Others = budgetViews(r, charts), otherViews(r)
	v.Held = counting(len(v.Others), "check", "checks")
	if len(r.Traces) > 0 {
		traces := slowest(r).view()
		v.Traces = &traces
	}
	v.Sections = v.sections()
	return v, nil
}

// Unheld is the title of the findings: what a run could not decide did not fail.
func (v pageView) Unheld() string {
	if v.Class == classOf(assertions.Inconclusive) {
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
func (t Timeline) distribution() (figures []picture) {
	if len(t.Spectra) > 0 {
		svg, keys := distributions(t.Spectra)
		figures = append(figures, picture{Title: "Latency by the share of hits that did not exceed it",
			Data: fmt.Sprint("spectrum ", ninesOf(t.Spectra)), Keys: keys, SVG: svg})
	}
	if t.Heat != nil && len(t.Heat.Bounds) > 1 {
		figures = append(figures, picture{Title: "Hits by time and latency", Data: "heat 0", SVG: t.heatMap(*t.Heat)})
	}
	return figures
}

// maxListed is the number of findings that stand in the list.
const maxListed = 15

// maxMarks bounds the marks that are listed.
const maxMarks = 50

// maxPageText bounds a text of the page, in characters.
const maxPageText = 2000

func fitText(s string) string { return line(s, maxPageText) }
