package reports

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"brrtload/assertions"
	"brrtload/internal/quantity"
)

//go:embed page/page.html
var pageText string

//go:embed page/page.css
var pageStyle string

//go:embed page/page.js
var pageScript string

var page = template.Must(template.New("page").Parse(pageText))

const (
	// maxOpen is the number of findings that stand open at first; those that rest on another stay closed.
	maxOpen = 3
	// maxDetailed bounds the findings with charts and samples; all have their texts.
	maxDetailed = 20
	// maxResiduals bounds the residual charts of the section on truth.
	maxResiduals = 12
	// maxCounts bounds the rows of an identity.
	maxCounts = 20
)

// HTML writes a report as one page that needs nothing else: charts are drawn in it, a script only adds a
// cursor, zoom and downloads. Its policy lets nothing in that is not of the page. The same report gives the
// same bytes.
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
	Facts, Measured               []fact
	Sections                      []pageSection
	Findings                      []findingView
	Failures                      []failureView
	Requests                      []requestView
	Panels                        []picture
	Marks                         []string
	Truth                         string
	Residuals, Distribution       []picture
	Budgets                       []budgetView
	Others                        []checkView
	Overhead                      *overheadView
	Traces                        *tableView
	Ledger                        []ledgerView
	Notes                         []string
}

type fact struct {
	Name, Text string
	Code       bool
}

type pageSection struct{ ID, Title string }

type picture struct {
	ID, Title string
	Keys      []key
	SVG       template.HTML
}

type checkView struct {
	Anchor, ID, Sign, Class, Reason string
}

type findingView struct {
	checkView
	Open     bool
	Why      string
	More     []string
	Counts   []countView
	Counted  bool // it compares counts
	Charts   []template.HTML
	Trend    template.HTML
	Traces   bool // the slowest traces belong to it
	Facts    []fact
	Exhibits []Exhibit
	Rests    []checkView
}

type countView struct{ Series, Client, Server, Difference string }

type failureView struct{ Request, Status, Outcome, Text string }

type requestView struct{ Name, Hits, Rate, Errors, P50, P95, P99, Max string }

type budgetView struct {
	checkView
	Measured, Limit, Margin, Samples, Failed string
	Spark                                    template.HTML
}

type ledgerView struct{ Request, Credential, Status, Outcome, Hits string }

type overheadView struct {
	Figures []picture
	Tables  []tableView
}

func viewOf(r Report) (pageView, error) {
	r, packed, err := pack(r)
	if err != nil {
		return pageView{}, err
	}
	v := pageView{
		Style: template.CSS(pageStyle), Script: template.JS(pageScript), Packed: packed, //nolint:gosec // embedded files
		Policy:   fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'", hash(pageStyle), hash(pageScript)),
		Scenario: fitText(r.Scenario), Word: strings.ToUpper(r.Verdict.String()), Class: classOf(r.Verdict), Reason: fitText(r.Reason),
		Facts: stripFacts(r), Measured: measuredFacts(r), Overhead: overheadPage(r),
	}
	for _, note := range r.Notes {
		v.Notes = append(v.Notes, fitText(note))
	}
	var charts Timeline
	if r.Timeline != nil {
		charts = *r.Timeline
	}
	v.Findings = findingViews(r, charts)
	v.Failures, v.Requests, v.Ledger = failureViews(r), requestViews(r), ledgerViews(r)
	for _, p := range charts.Panels {
		v.Panels = append(v.Panels, picture{notInAnchors.ReplaceAllString(p.ID, "-"), fitText(p.Title), classes(p.Lines), charts.overTime(p)})
	}
	for _, m := range charts.Marks[:min(len(charts.Marks), maxCounts)] {
		v.Marks = append(v.Marks, fmt.Sprintf("%.1f s: %s", m.At, fitText(m.Text)))
	}
	v.Truth, v.Residuals = truth(r, charts)
	if len(charts.Spectra) > 0 {
		svg, keys := distributions(charts.Spectra)
		v.Distribution = append(v.Distribution, picture{Title: "Latency by the share of hits that did not exceed it", Keys: keys, SVG: svg})
	}
	if charts.Heat != nil && len(charts.Heat.Bounds) > 1 {
		v.Distribution = append(v.Distribution, picture{Title: "Hits by time and latency", SVG: charts.heatMap(*charts.Heat)})
	}
	v.Budgets, v.Others = budgetViews(r, charts), otherViews(r)
	if len(r.Traces) > 0 {
		traces := slowest(r).view()
		v.Traces = &traces
	}
	v.Sections = v.sections()
	return v, nil
}

func (v pageView) sections() (list []pageSection) {
	for _, s := range []struct {
		there bool
		pageSection
	}{
		{len(v.Findings) > 0, pageSection{"findings", "What did not hold"}}, {len(v.Failures) > 0, pageSection{"failures", "Hits that went wrong"}},
		{len(v.Requests) > 0, pageSection{"requests", "Requests"}}, {len(v.Panels) > 0, pageSection{"timeline", "Timeline"}},
		{v.Truth != "", pageSection{"truth", "Client against service"}}, {len(v.Distribution) > 0, pageSection{"distribution", "Distribution"}},
		{v.Traces != nil, pageSection{"traces", "Slowest traces"}}, {len(v.Budgets) > 0, pageSection{"budgets", "Budgets"}}, {len(v.Others) > 0, pageSection{"checks", "Checks that held"}},
		{v.Overhead != nil, pageSection{"overhead", "Overhead"}}, {len(v.Ledger) > 0, pageSection{"ledger", "Ledger"}},
		{true, pageSection{"measured", "How it was measured"}}, {true, pageSection{"data", "Data"}},
	} {
		if s.there {
			list = append(list, s.pageSection)
		}
	}
	return list
}

// maxPageText bounds a text of the page, in characters.
const maxPageText = 2000

func fitText(s string) string { return line(s, maxPageText) }

// hash returns a text's place in a content security policy.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// pack returns the report as its JSON has it, which is what the page shows, and that JSON, compressed, in
// characters that mean nothing in HTML.
func pack(r Report) (Report, string, error) {
	var plain, compact, packed bytes.Buffer
	if err := JSON(&plain, r); err != nil {
		return r, "", err
	}
	var shown Report
	if err := json.Unmarshal(plain.Bytes(), &shown); err != nil {
		return r, "", err
	}
	if err := json.Compact(&compact, plain.Bytes()); err != nil {
		return r, "", err
	}
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return r, "", err
	}
	if _, err := compact.WriteTo(writer); err != nil {
		return r, "", err
	}
	if err := writer.Close(); err != nil {
		return r, "", err
	}
	return shown, base64.RawURLEncoding.EncodeToString(packed.Bytes()), nil
}

var notInAnchors = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// Anchor returns the part of the page's address that leads to a check.
func Anchor(id string) string {
	return "check-" + notInAnchors.ReplaceAllString(line(id, idWidth), "-")
}

// pageAddress names the file of the run directory, and the part of it, that shows a check that did not hold.
func pageAddress(c assertions.Check) string { return pageFile + "#" + Anchor(c.ID) }

func classOf(v assertions.Verdict) string { return strings.ReplaceAll(v.String(), " ", "-") }

func checkViewOf(c assertions.Check) checkView {
	m := markOf(c)
	class := classOf(c.Verdict)
	if m == warned {
		class = "warning"
	}
	return checkView{Anchor: Anchor(c.ID), ID: line(c.ID, idWidth), Sign: m.sign, Class: class, Reason: fitText(c.Sentence())}
}

func stripFacts(r Report) []fact {
	facts := []fact{{Name: "exit status", Text: fmt.Sprint(r.Status)}}
	add := func(name, value string, code bool) {
		if value != "" {
			facts = append(facts, fact{name, fitText(value), code})
		}
	}
	add("target", strings.TrimSpace(r.Target.Name+" "+r.Target.URL), true)
	if !r.Started.IsZero() {
		add("started", fmt.Sprintf("%s, took %s", r.Started.UTC().Format(time.RFC3339), quantity.Seconds(r.Seconds)), false)
	}
	add("its build", r.Target.Build, true)
	add("brrtload", r.Where.Brrtload, true)
	if r.Command == "run" || r.Command == "verify" {
		add("judge it again", "brrtload verify RUN-DIRECTORY", true)
		add("seed", fmt.Sprint(r.Seed), false)
	}
	return facts
}

func measuredFacts(r Report) (facts []fact) {
	for _, row := range circumstances(r).rows {
		if cells := row.cells; len(cells) >= 2 {
			facts = append(facts, fact{Name: cells[len(cells)-2], Text: cells[len(cells)-1]})
		}
	}
	return facts
}

func findingViews(r Report, charts Timeline) (views []findingView) {
	broken := Broken(r)
	if i := slices.IndexFunc(broken, func(c assertions.Check) bool { return c.ID == r.DecidedBy }); i > 0 {
		first := broken[i] // the one that the reason names
		broken = slices.Insert(slices.Delete(slices.Clone(broken), i, i+1), 0, first)
	}
	causes := 0
	for _, c := range broken {
		f := findingView{checkView: checkViewOf(c), Why: fitText(c.Why), More: findings(c, tabled), Facts: checkFacts(c), Counted: countable(c)}
		for i, x := range series(c) {
			if i == maxCounts || held(c) {
				break
			}
			client := quantity.Count(x.Count.Client)
			if x.Count.Ambiguous > 0 {
				client += " to " + quantity.Count(x.Count.Client+x.Count.Ambiguous)
			}
			f.Counts = append(f.Counts, countView{fitText(cmp.Or(labels(x.Series), "all")), client, quantity.Count(x.Count.Server), signed(-x.Count.Difference)})
		}
		if !overruled(c) { // the check that overruled another shows what both rest on
			f.Open = causes < maxOpen
			if causes < maxDetailed {
				f.detail(c, r, charts)
			}
			causes++
		}
		for _, other := range broken {
			if other.ID != c.ID && other.Overruled.Accuses() && other.Overruled.By == c.ID {
				f.Rests = append(f.Rests, checkViewOf(other))
			}
		}
		views = append(views, f)
	}
	return views
}

// detail adds what a finding's check rests on: charts, samples, traces.
func (f *findingView) detail(c assertions.Check, r Report, charts Timeline) {
	worst, _ := c.Worst()
	for _, residual := range charts.worstResiduals(1, c.ID) {
		f.Charts = append(f.Charts, charts.residual(residual))
	}
	for _, trend := range charts.Trends {
		if trend.Check == c.ID && len(trend.Values) > 1 {
			f.Trend = charts.trend(trend, worst)
			if trend.Failed != nil {
				f.Facts = append(f.Facts, fact{Name: "first failed", Text: fmt.Sprintf("%.1f s after the load began", *trend.Failed)})
			}
		}
	}
	for _, e := range r.Exhibits {
		if e.Check == c.ID {
			f.Exhibits = append(f.Exhibits, e.shown())
		}
	}
	f.Traces = len(r.Traces) > 0 && (worst.Unit == "s" || slices.Contains(c.Metrics, "brrtload_spans_total"))
}

// shown returns the exhibit with texts that are fit to show.
func (e Exhibit) shown() Exhibit {
	e.Endpoint = line(e.Endpoint, nameWidth)
	e.Samples = slices.Clone(e.Samples)
	for i, s := range e.Samples {
		e.Samples[i] = Exposed{line(s.Series, 300), line(s.Baseline, nameWidth), line(s.Final, nameWidth)}
	}
	return e
}

// checkFacts returns what a check rests on.
func checkFacts(c assertions.Check) (facts []fact) {
	add := func(name, value string, code bool) {
		if value != "" && value != "–" {
			facts = append(facts, fact{name, fitText(value), code})
		}
	}
	worst, _ := c.Worst()
	measured, limit := figures(worst)
	add("measured", measured, false)
	add("limit", limit, false)
	if worst.Margin != nil {
		add("margin", quantity.Share(*worst.Margin), false)
	}
	if worst.Samples > 0 {
		add("samples", quantity.Count(float64(worst.Samples)), false)
	}
	add("window", c.Window, false)
	add("query as run", c.Query, true)
	if c.Position.File != "" {
		add("written at", written(c.Position), true)
	}
	return facts
}

func failureViews(r Report) (views []failureView) {
	for _, f := range r.Failures {
		status := "–"
		if f.Status != 0 {
			status = fmt.Sprint(f.Status)
		}
		views = append(views, failureView{line(f.Request, nameWidth), status, line(f.Outcome, nameWidth), line(cmp.Or(f.Error, f.Body), 200)})
	}
	return views[:min(len(views), maxCounts)]
}

func requestViews(r Report) (views []requestView) {
	for _, q := range r.Requests {
		if q.Hits == 0 {
			continue
		}
		views = append(views, requestView{line(q.Name, nameWidth), quantity.Count(float64(q.Hits)), quantity.Show(q.Rate, "") + "/s", quantity.Count(float64(q.Errors)),
			quantity.Seconds(q.Latency.P50), quantity.Seconds(q.Latency.P95), quantity.Seconds(q.Latency.P99), quantity.Seconds(q.Latency.Max)})
	}
	return views
}

func ledgerViews(r Report) (views []ledgerView) {
	for _, e := range r.Ledger {
		status := "–"
		if e.Status != 0 {
			status = fmt.Sprint(e.Status)
		}
		views = append(views, ledgerView{line(e.Request, nameWidth), line(e.Credential, nameWidth), status, line(e.Outcome, nameWidth), quantity.Count(float64(e.Hits))})
	}
	return views
}

func budgetViews(r Report, charts Timeline) (views []budgetView) {
	trends := map[string]Trend{}
	for _, t := range charts.Trends {
		trends[t.Check] = t
	}
	for _, c := range ofKind(r, func(c assertions.Check) bool { return !countable(c) && measurable(c) }) {
		worst, _ := c.Worst()
		b := budgetView{checkView: checkViewOf(c), Margin: "–", Failed: "–", Samples: quantity.Count(float64(worst.Samples))}
		if held(c) {
			b.Anchor = ""
		}
		b.Measured, b.Limit = figures(worst)
		if worst.Margin != nil {
			b.Margin = quantity.Share(*worst.Margin)
		}
		if t, ok := trends[c.ID]; ok && len(t.Values) > 1 {
			b.Spark = spark(t, worst.Limit)
			if t.Failed != nil && !held(c) {
				b.Failed = fmt.Sprintf("%.1f s", *t.Failed)
			}
		}
		views = append(views, b)
	}
	return views
}

func otherViews(r Report) (views []checkView) {
	for _, c := range r.Checks {
		if held(c) && !measurable(c) {
			views = append(views, checkViewOf(c))
		}
	}
	return views
}

// truth returns in a sentence how client and service agree, and the residuals that do not end at 0.
func truth(r Report, charts Timeline) (string, []picture) {
	exact, differ, hits := 0, 0, uint64(0)
	for _, c := range r.Checks {
		switch {
		case !countable(c):
		case c.Verdict == assertions.Pass:
			exact++
		case !held(c):
			differ++
		}
	}
	for _, e := range r.Ledger {
		hits += e.Hits
	}
	if exact+differ == 0 {
		return "", nil
	}
	sentence := fmt.Sprintf("%s exact over %s hits", counting(exact, "identity", "identities"), quantity.Count(float64(hits)))
	if differ > 0 {
		sentence += fmt.Sprintf("; %d not", differ)
	}
	var figures []picture
	causes := charts
	causes.Residuals = slices.DeleteFunc(slices.Clone(charts.Residuals), func(x Residual) bool {
		return slices.ContainsFunc(r.Checks, func(c assertions.Check) bool { return c.ID == x.Check && overruled(c) })
	})
	for _, residual := range causes.worstResiduals(maxResiduals, "") {
		figures = append(figures, picture{Title: fitText(strings.TrimSpace(residual.Check + " " + residual.Series)), SVG: charts.residual(residual)})
	}
	return sentence + ".", figures
}

func counting(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// worstResiduals returns those residuals that are furthest from 0 at the end, of one check if it is named.
func (t Timeline) worstResiduals(most int, check string) []Residual {
	var found []Residual
	for _, r := range t.Residuals {
		if n := len(r.Values); n > 0 && (check == "" || r.Check == check) && r.distance() != 0 {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, func(a, b Residual) int { return cmp.Compare(b.distance(), a.distance()) })
	return found[:min(len(found), most)]
}

// distance returns how far the counts are apart at the end, beyond what is ambiguous.
func (r Residual) distance() float64 {
	last := r.Values[len(r.Values)-1]
	if n := len(r.Ambiguous); n > 0 && last < 0 {
		last = min(0, last+r.Ambiguous[n-1])
	}
	return max(last, -last)
}
