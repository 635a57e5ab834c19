package page

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"brrtload/internal/hostile"
	"brrtload/internal/tier"
	"brrtload/reports"
	"brrtload/reports/tables"
)

func TestThePageIsQuiet(t *testing.T) {
	p := open(t, htmlOf(t, result(t)), "")
	p.requireQuiet()
}

// What the targets and the people of a run wrote is text in the page, whatever it says.
func TestHostileTextDoesNotRun(t *testing.T) {
	for i, attack := range hostile.Texts {
		if !tier.IsLong && !strings.HasPrefix(attack, "<script>") {
			continue
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			r := result(t)
			r.Traces = []reports.Trace{{ID: "1", Seconds: 1, Spans: []reports.Span{{Name: "GET"}, {Name: "below", Depth: 2, Error: true}}}}
			hostile.Poison(&r, attack)
			p := open(t, htmlOf(t, r), "")
			eval[any](p, `document.querySelectorAll("details").forEach(d => { d.open = true; })`)
			p.requireQuiet()
		})
	}
}

// The policy does not let a script in that came through in spite of all escapes.
func TestThePolicyStopsWhatCameThrough(t *testing.T) {
	var asked atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer other.Close()
	html := strings.Replace(string(htmlOf(t, result(t))), "<main>",
		`<main><script>window.ran = "a script"</script><img src="`+other.URL+`/x" onerror="window.ran = 'an attribute'">`, 1)
	p := open(t, []byte(html), "")
	p.wait("violations.length === 3") // the script, the attribute, the image
	require.Empty(t, eval[string](p, `window.ran || ""`))
	require.Zero(t, asked.Load())
}

// readout returns the text below a chart.
func (p *tab) readout(panel string) string {
	p.t.Helper()
	return eval[string](p, `document.querySelector("#chart-%s .readout").textContent`, panel)
}

// hover moves the mouse to a share of a chart's plot.
func (p *tab) hover(panel string, share float64) {
	p.t.Helper()
	at := eval[[]float64](p, `(() => { const svg = document.querySelector("#chart-%s svg"); svg.scrollIntoView({block: "center"});
		const b = svg.getBoundingClientRect(), scale = b.width / 800; return [b.left + (64 + 728 * %g) * scale, b.top + b.height / 2]; })()`, panel, share)
	p.do(chromedp.MouseEvent(chromedp.MouseMoved, at[0], at[1]))
}

// The sample has four slices, each a quarter of the plot; a value stands at the end of its slice.
func TestHoverShowsTheValuesOfAllCharts(t *testing.T) {
	r := result(t)
	p := open(t, htmlOf(t, r), "")
	require.Empty(t, p.readout("rate"))
	p.hover("rate", 0.6)
	p.wait(`document.querySelector("#chart-rate .readout").textContent !== ""`)
	require.Equal(t, []float64{200, 180}, []float64{r.Timeline.Panels[0].Lines[0].Values[2], r.Timeline.Panels[0].Lines[1].Values[2]})
	require.Equal(t, "3.00 s: planned 200/s, sent 180/s", p.readout("rate"))
	require.Equal(t, "3.00 s: p99 120 ms, service p99 100 ms", p.readout("latency"))
	require.Equal(t, "3.00 s: by the kernel 30.5 MiB", p.readout("memory"))
	p.requireQuiet()
}

func TestArrowsMoveTheCursor(t *testing.T) {
	p := open(t, htmlOf(t, result(t)), "")
	eval[any](p, `document.querySelector("#chart-latency").focus()`)
	for _, step := range []struct{ key, want string }{
		{kb.Home, "1.00 s: p99 1 ms, service p99 900 µs"},
		{kb.ArrowRight, "2.00 s: p99 –, service p99 1 ms"},
		{kb.End, "4.00 s: p99 2 ms, service p99 1.5 ms"},
		{kb.ArrowRight, "4.00 s: p99 2 ms, service p99 1.5 ms"},
		{kb.ArrowLeft, "3.00 s: p99 120 ms, service p99 100 ms"},
	} {
		p.press(step.key)
		require.Equal(t, step.want, p.readout("latency"))
	}
	require.Equal(t, "translate(750)", eval[string](p, `document.querySelector("#chart-rate .cursor").getAttribute("transform")`))
	before := eval[string](p, `document.querySelector("#chart-rate svg.plot").getAttribute("viewBox")`)
	p.press("+")
	require.NotEqual(t, before, eval[string](p, `document.querySelector("#chart-rate svg.plot").getAttribute("viewBox")`))
	p.press(kb.Escape)
	require.Equal(t, before, eval[string](p, `document.querySelector("#chart-rate svg.plot").getAttribute("viewBox")`))
}

// Tab comes by every finding, and Enter opens it and closes it.
func TestTheKeyboardReachesEveryFinding(t *testing.T) {
	r := result(t)
	p := open(t, htmlOf(t, r), "")
	want := map[string]bool{}
	for _, c := range reports.Broken(r) {
		want[tables.Anchor(c.ID)] = true
	}
	require.NotEmpty(t, want)
	for range 200 {
		p.press(kb.Tab)
		id := eval[string](p, `document.activeElement.tagName === "SUMMARY" ? document.activeElement.parentElement.id : ""`)
		if !want[id] {
			continue
		}
		delete(want, id)
		open := eval[bool](p, `document.getElementById(%q).open`, id)
		p.press(kb.Enter)
		require.Equal(t, !open, eval[bool](p, `document.getElementById(%q).open`, id), id)
	}
	require.Empty(t, want, "Tab does not reach them")
}

func TestAnAddressOpensItsFinding(t *testing.T) {
	broken := reports.Broken(result(t))
	last := tables.Anchor(broken[len(broken)-1].ID)
	require.False(t, eval[bool](open(t, htmlOf(t, result(t)), ""), `document.getElementById(%q).open`, last))
	require.True(t, eval[bool](open(t, htmlOf(t, result(t)), "#"+last), `document.getElementById(%q).open`, last))
}

// What the buttons save is caught on its way to the disk.
func TestTheButtonsSaveWhatThePageShows(t *testing.T) {
	p := open(t, htmlOf(t, result(t)), "")
	eval[any](p, `(() => { window.saved = []; HTMLAnchorElement.prototype.click = () => {};
		const make = URL.createObjectURL; URL.createObjectURL = b => { b.text().then(t => saved.push(t)); return make.call(URL, b); }; })()`)
	eval[any](p, `document.querySelector("#chart-rate button").click()`)
	p.wait("saved.length === 1")
	require.Equal(t, "seconds,planned,sent\n1.000,100,100\n2.000,200,200\n3.000,200,180\n4.000,200,220\n", eval[string](p, "saved[0]"))
	eval[any](p, `document.getElementById("save").click()`)
	p.wait("saved.length === 2")
	var got, want reports.Report
	require.NoError(t, json.Unmarshal([]byte(eval[string](p, "saved[1]")), &got))
	want = result(t)
	require.Equal(t, want.Checks, got.Checks)
	p.requireQuiet()
}

// hoverChart moves the mouse to a share of the plot of the first chart that shows such data, and
// returns what stands below it.
func (p *tab) hoverChart(data string, share float64) string {
	p.t.Helper()
	eval[any](p, `document.querySelectorAll("details").forEach(d => { d.open = true; })`)
	at := eval[[]float64](p, `(() => { const svg = document.querySelector("[data-chart='%s'] svg"); svg.scrollIntoView({block: "center"});
		const b = svg.querySelector(".plot").getBoundingClientRect(); return [b.left + b.width * %g, b.top + b.height / 2]; })()`, data, share)
	p.do(chromedp.MouseEvent(chromedp.MouseMoved, at[0], at[1]))
	p.wait(fmt.Sprintf(`document.querySelector("[data-chart='%s'] .readout").textContent !== ""`, data))
	return eval[string](p, `document.querySelector("[data-chart='%s'] .readout").textContent`, data)
}

// experiment is a report of a paired experiment.
func experiment() reports.Report {
	share := reports.Between{Value: 0.05, Low: 0.04, High: 0.06}
	return reports.Report{Version: reports.Version, Command: "overhead", Scenario: "pet", Reason: "within", Overhead: &reports.Overhead{
		Effects: []reports.Effect{{Metric: "cpu", Unit: "s", Base: 1e-4, Share: share}},
		Twin:    []reports.Effect{{Metric: "cpu", Unit: "s", Share: reports.Between{Value: 0.001, Low: -0.004, High: 0.006}}},
		Parts:   []reports.Part{{Name: "a", Kind: "part", Between: reports.Between{Value: 3e-6, Low: 2e-6, High: 4e-6}}},
		Points:  []reports.Point{{Seconds: 1, Candidate: 0.05, Twin: 0.001}, {Seconds: 2, Session: 1, Candidate: 0.04, Twin: -0.002, Unfit: "saturated"}},
	}}
}

func TestHoverShowsTheValuesOfEachKindOfChart(t *testing.T) {
	p := open(t, htmlOf(t, result(t)), "")
	for _, row := range []struct {
		data  string
		share float64
		want  string
	}{
		{"residual 0", 0.6, "3.00 s: client − service 100"},
		{"residual 0", 0.9, "4.00 s: client − service 160"},
		{"trend 0", 0.5, "3.00 s: measured 41, limit 32"},
		{"spectrum 3", 0.6, "99 %: latency 120 ms, request_duration_seconds 1 ms to 250 ms"},
		{"heat 0", 0.6, "3.00 s: 180 hits, most of them at 1 ms"},
	} {
		require.Equal(t, row.want, p.hoverChart(row.data, row.share), row.data)
	}
	p.requireQuiet()
	p = open(t, htmlOf(t, experiment()), "")
	require.Equal(t, "2.00 s: candidate 4 %, control -0.2 %, not used: saturated", p.hoverChart("blocks 0", 0.9))
	p.requireQuiet()
}

// Every chart has its table, and what is in it begins no formula of a spreadsheet.
func TestEveryChartIsSavedAsCSV(t *testing.T) {
	hostile := result(t)
	hostile.Timeline.Panels[0].Lines[0].Name = "=cmd|' /C calc'!A0"
	for _, r := range []reports.Report{hostile, experiment()} {
		p := open(t, htmlOf(t, r), "")
		eval[any](p, `(() => { window.saved = []; const make = URL.createObjectURL;
			URL.createObjectURL = blob => { blob.text().then(t => window.saved.push(t)); return make(blob); };
			HTMLAnchorElement.prototype.click = () => {}; })()`)
		all := eval[int](p, `document.querySelectorAll("figure[data-chart]").length`)
		require.NotZero(t, all)
		require.Equal(t, eval[int](p, `document.querySelectorAll("figure").length`), all, "a chart without its table")
		eval[any](p, `document.querySelectorAll("figure[data-chart] button").forEach(b => b.click())`)
		p.wait(fmt.Sprintf("window.saved.length === %d", all))
		for _, table := range eval[[]string](p, "window.saved") {
			rows := strings.Split(strings.TrimSpace(table), "\n")
			require.Greater(t, len(rows), 1, table)
			for _, row := range rows {
				require.NotRegexp(t, `(^|,)"?[=+@]`, row)
			}
		}
		p.requireQuiet()
	}
}

// Without script the page shows its verdict, findings and charts, and nothing that needs a script.
func TestThePageNeedsNoScript(t *testing.T) {
	html := string(htmlOf(t, result(t)))
	before, _, found := strings.Cut(html, "<script>")
	require.True(t, found)
	p := open(t, []byte(before+`<script>document.body.classList.add("on")</script>`), "") // which the policy stops
	require.False(t, eval[bool](p, `document.body.classList.contains("on")`))
	require.True(t, eval[bool](p, `document.querySelector(".badge").offsetHeight > 0`))
	require.True(t, eval[bool](p, `[...document.querySelectorAll("#timeline svg")].every(s => s.getBoundingClientRect().height > 100)`))
	require.Zero(t, eval[int](p, `[...document.querySelectorAll(".js")].filter(b => b.offsetHeight > 0).length`))
}

// On paper there are all findings, dark letters on white, and no buttons.
func TestThePageOnPaper(t *testing.T) {
	p := open(t, htmlOf(t, result(t)), "")
	eval[any](p, `dispatchEvent(new Event("beforeprint"))`)
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	require.Zero(t, eval[int](p, `[...document.querySelectorAll("button, nav, .readout")].filter(b => b.offsetHeight > 0).length`))
	require.True(t, eval[bool](p, `[...document.querySelectorAll("details")].every(d => d.open)`))
	require.Equal(t, "rgb(255, 255, 255)", eval[string](p, `getComputedStyle(document.body).backgroundColor`))
}
