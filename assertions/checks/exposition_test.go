package checks_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
	"brrtload/assertions/packs"
	"brrtload/internal/facts"
)

// scraped is thirty scrapes of one endpoint, one a second.
const scraped = `brrtload_scrapes_total{endpoint="target"} 0+1x30
brrtload_scrape_interval_seconds 1x30
brrtload_scrape_seconds{endpoint="target"} 0.005x30
brrtload_scrape_unchanged_seconds{endpoint="target"} 0x30
`

func TestExpositions(t *testing.T) {
	for name, row := range map[string]struct{ series, check, want string }{
		"all were read": {scraped, "readable", `pass: 25 of 25 scrapes could be read`},
		"one was garbage": {scraped + `brrtload_scrapes_failed_total{endpoint="target", answered="yes", why="status 500"} 0x15 1x14` + "\n", "readable",
			`pass: 24 of 25 scrapes could be read; most others (1): status 500`},
		"two were": {scraped + `brrtload_scrapes_failed_total{endpoint="target", answered="yes", why="status 500"} 0x15 2x14` + "\n", "readable",
			`untruthful: 23 of 25 scrapes could be read; most others (2): status 500`},
		"many were not answered": {scraped + `brrtload_scrapes_failed_total{endpoint="target", answered="no", why="no answer in 5s"} 0+1x30` + "\n", "readable",
			`pass: 0 of 25 scrapes could be read; most others (25): no answer in 5s`},
		"nobody knows how they went": {"x 1x30\n", "readable", `inconclusive: the outcome of the scrapes is unknown`},

		"each of now": {scraped, "fresh", "pass: no scrape was answered with an old exposition"},
		"some are old": {strings.Replace(scraped, "} 0x30", "} 0x10 2.5x10 0x9", 1), "fresh",
			"untruthful: the exposition stayed the same for up to 2.5 s while hits were answered: it is older than 2 s; for a cache that is meant set at_most of this check"},
		"rebuilt every second": {strings.Replace(scraped, "} 0x30", "} 0x10 1.25x10 0x9", 1), "fresh",
			"pass: the exposition stayed the same for up to 1.25 s while hits were answered, which is within 2 s"},
		"a cache that is meant": {strings.Replace(scraped, "} 0x30", "} 0x10 12x10 0x9", 1), "fresh, at_most: 15s",
			"pass: the exposition stayed the same for up to 12 s while hits were answered, which is within 15 s"},
		"the target's among several": {strings.Replace(scraped, "} 0x30", "} 0x10 2.5x10 0x9", 1) + `brrtload_scrape_unchanged_seconds{endpoint="b"} 0x30` + "\n", "fresh",
			`untruthful: endpoint="target": the exposition stayed the same for up to 2.5 s while hits were answered: it is older than 2 s; for a cache that is meant set at_most of this check`},
		"another endpoint, which need not be moved by hits": {scraped + `brrtload_scrape_unchanged_seconds{endpoint="b"} 0x10 2.5x10 0x9` + "\n", "fresh",
			`pass: endpoint="b": the exposition stayed the same for up to 2.5 s while hits were answered, and need not be moved by them`},
		"garbage of one of two": {scraped + `brrtload_scrapes_total{endpoint="b"} 0+1x30
brrtload_scrapes_failed_total{endpoint="b", answered="yes", why="status 500"} 0+1x30` + "\n", "readable",
			`untruthful: endpoint="b": 0 of 25 scrapes could be read; most others (25): status 500`},
		"one of two slow": {scraped + `brrtload_scrape_seconds{endpoint="b"} 1.2x30` + "\n", "timely",
			`untruthful: endpoint="b": the quickest scrape took 1.2 s, and one is due every 1 s: the moment within it that a sample shows is unknown`},

		"quick": {scraped, "timely", "pass: the quickest scrape took 5 ms, and one is due every 1 s"},
		"slow under load only": {`brrtload_scrape_interval_seconds 1x30
brrtload_scrape_seconds{endpoint="target"} 0.005x10 2x10 0.004x9
`, "timely", "pass: the quickest scrape took 4 ms, and one is due every 1 s"},
		"always slow": {`brrtload_scrape_interval_seconds 1x30
brrtload_scrape_seconds{endpoint="target"} 1.2x10 2x10 1.2x9
`, "timely", "untruthful: the quickest scrape took 1.2 s, and one is due every 1 s: the moment within it that a sample shows is unknown"},

		"to the letter": {scraped, "well-formed", "pass: the expositions keep to their format"},
		"without a version": {scraped + `brrtload_scrape_flaws_total{endpoint="target", flaw="unversioned"} 0+1x30` + "\n", "well-formed",
			"untruthful: 25 of 25 answers: the content type is text/plain without a version, so that every reader must guess the format; say text/plain; version=0.0.4"},
		"old times": {scraped + `brrtload_scrape_flaws_total{endpoint="target", flaw="old timestamps"} 0+1x30` + "\n", "well-formed",
			"untruthful: 25 of 25 answers: samples carry a time more than an hour ago, and Prometheus refuses them; expose them without a time"},
		"a series twice": {scraped + `brrtload_scrape_flaws_total{endpoint="target", flaw="duplicates"} 0x20 1x9` + "\n", "well-formed",
			"untruthful: 1 of 25 answers: a series stands there twice, and readers differ in which of the two they take"},

		"counters go up": {"jobs_total 0+3x30\nprocess_start_time_seconds 7x30\n", "monotonic", "pass: none of 2 counters went down"},
		"one goes down": {"jobs_total 0+3x15 0+3x14\nprocess_start_time_seconds 7x30\n", "monotonic",
			"untruthful: jobs_total went down 1 times during the run, and the process did not restart"},
		"of one of three processes go up": {"jobs_total 0+3x30\nprocess_start_time_seconds 7x30\n" +
			"brrtload_target_processes{connected=\"yes\"} 1x30\n" +
			"brrtload_target_processes{connected=\"no\"} 2x30\n", "monotonic",
			"inconclusive: " + assertions.SeveralProcesses},
		"what is active now falls": {"jobs_total 0+3x30\nwork_active_seconds_count 0 2 1 0x27\nprocess_start_time_seconds 7x30\n", "monotonic",
			"pass: none of 2 counters went down"},
		"after a restart": {"jobs_total 0+3x15 0+3x14\nprocess_start_time_seconds 7x15 9x14\n", "monotonic",
			"inconclusive: jobs_total went down 1 times during the run: the service restarted, and what it counted since the scrape before is lost"},
		"nothing tells of restarts": {"jobs_total 0+3x15 0+3x14\n", "monotonic",
			"inconclusive: jobs_total went down 1 times during the run: several processes may answer here in turn, each with its own counts, or the service restarted: it does not expose process_start_time_seconds"},
		"another endpoint restarts": {"jobs_total{endpoint=\"b\"} 0+3x15 0+3x14\nprocess_start_time_seconds 7x30\nprocess_start_time_seconds{endpoint=\"b\"} 7x15 9x14\n", "monotonic",
			`inconclusive: endpoint="b": jobs_total went down 1 times during the run: the service restarted, and what it counted since the scrape before is lost`},
		"another than the one that restarts": {"jobs_total 0+3x15 0+3x14\nprocess_start_time_seconds 7x30\nprocess_start_time_seconds{endpoint=\"b\"} 7x15 9x14\n", "monotonic",
			"untruthful: jobs_total went down 1 times during the run, and the process did not restart"},
		"all come to rest": {"jobs_total 0x3 0+3x15 45x9\n", "quiescent", "pass: none of 2 counters moved after the load"},
		"one goes on":      {"jobs_total 0x3 0+3x15 45x2 47x6\nbrrtload_target_cpu_seconds_total 1x25\n", "quiescent", "untruthful: jobs_total increased by 2 after the load ended"},
		"one goes on of a service with callers": {"jobs_total 0x3 0+3x15 45x2 47x6\n", "quiescent",
			"inconclusive: jobs_total increased by 2 after the load ended: it counts late, or another caller uses the service"},
		"one that moves every six seconds": {"jobs_total 0x8 1x5 2x5 3x2 4x5 5x5\nbrrtload_target_cpu_seconds_total 1x25\n", "quiescent",
			"pass: jobs_total increased by 2 after the load ended; it seldom moved under load: it moves by itself"},
		"one that is excepted goes on": {"jobs_total 0x3 0+3x15 45x2 47x6\n", "quiescent, except: [jobs_.*]", "pass: none of 1 counter moved after the load"},
		"one that always moves": {"jobs_total 0+3x30\n", "quiescent",
			"pass: jobs_total increased by 15 after the load ended, as before the load"},

		"a family that follows hits": {perHit(t, 6), "bounded-cardinality",
			"untruthful: jobs_total grew by 30 label sets, to 42, over 450 answers, most of them in the label path: it has as many as there are callers"},
		"one with few more":     {perHit(t, 4), "bounded-cardinality", "pass: no family grew with the 450 answers"},
		"one of many more hits": {strings.ReplaceAll(perHit(t, 6), "0+90x30", "0+200x30"), "bounded-cardinality", "pass: no family grew with the 1,000 answers"},
		"one that is excepted":  {strings.ReplaceAll(perHit(t, 6), "jobs_total", "excepted_total"), "bounded-cardinality, except: [excepted_.*]", "pass: no family grew with the 450 answers"},
		// What appears during the run has a zero at the baseline.
		"a counter that follows hits": {strings.ReplaceAll(perHit(t, 6), "} _x", "} 0 _x"), "bounded-cardinality",
			"untruthful: jobs_total grew by 30 label sets, to 36, over 450 answers, most of them in the label path: it has as many as there are callers"},
		"a family that was not there before": {born(), "bounded-cardinality", "pass: no family grew with the 450 answers"},
		"a request that is sent late":        {late(), "bounded-cardinality", "pass: no family grew with the 450 answers"},
		"a histogram that follows hits": {strings.NewReplacer("jobs_total{", "wait_seconds_count{").Replace(perHit(t, 6)) +
			strings.NewReplacer("jobs_total{", `wait_seconds_bucket{le="+Inf",`, "brrtload_hits_total", "x").Replace(perHit(t, 6)), "bounded-cardinality",
			"untruthful: wait_seconds_count grew by 30 label sets, to 42, over 450 answers: it has as many as there are callers"},
		"one that does not":    {"jobs_total 0+3x30\nbrrtload_hits_total{outcome=\"answered\"} 0+90x30\n", "bounded-cardinality", "pass: no family grew with the 450 answers"},
		"nothing was answered": {"jobs_total 0+3x30\n", "bounded-cardinality", "not applicable: no hit was answered in the second half of the steady load"},
	} {
		t.Run(name, func(t *testing.T) {
			e := stage.New(t, row.series)
			if strings.HasPrefix(row.check, "quiescent") {
				e.Rest = 3
			}
			e.Metadata = []facts.Family{
				{Endpoint: "target", Name: "jobs_total", Type: "counter", Labels: map[string][]string{"path": {"/a", "/b"}}},
				{Endpoint: "target", Name: "work_active_seconds", Type: "summary"},
				{Name: "wait_seconds", Type: "histogram"},
			}
			got := stage.Judge(t, e, fmt.Sprintf("expositions: [{id: a, check: %s}]", row.check))
			require.Contains(t, got, row.want)
			if row.check == "bounded-cardinality" {
				require.Len(t, got, 1)
			}
		})
	}
}

// What the runtime, the process and the scrapes count goes on without any hit; what is allocated is
// told when a collection comes.
func TestWhatMovesByItselfNeedNotComeToRest(t *testing.T) {
	for name, moves := range map[string]bool{"process_cpu_seconds_total": false, "go_gc_cycles_total": false, "promhttp_metric_handler_requests_total": false,
		"jobs_alloc_bytes_total": false, "jobs_process_total": true} {
		e := stage.New(t, name+" 0x4 0+1x25\nbrrtload_target_cpu_seconds_total 1x25\n")
		e.Rest, e.Metadata = 3, []facts.Family{{Name: name, Type: "counter"}}
		want := "not applicable: there are no counters"
		if moves {
			want = "untruthful: " + name + " increased by 5 after the load ended"
		}
		require.Equal(t, []string{want}, stage.Judge(t, e, "expositions: [{id: a, check: quiescent}]"))
	}
}

// Without the time before the load nobody knows what moves by itself.
func TestRestWithoutItsWindowsIsInconclusive(t *testing.T) {
	for _, without := range []string{"scraped", "run", "idle"} {
		e := stage.New(t, "jobs_total 0x20 0+1x9\n")
		e.Rest, e.Without, e.Metadata = 3, without, []facts.Family{{Name: "jobs_total", Type: "counter"}}
		require.Equal(t, []string{fmt.Sprintf("inconclusive: the run has no complete window %q: it was not reached, or a scrape at its edge is missing", without)},
			stage.Judge(t, e, "expositions: [{id: a, check: quiescent}]"), without)
	}
}

// A target that counts nothing has nothing that hits must move.
func TestAnExpositionWithoutCountersMayStayTheSame(t *testing.T) {
	e := stage.New(t, strings.Replace(scraped, "} 0x30", "} 0x10 2.5x10 0x9", 1))
	e.Metadata = []facts.Family{{Endpoint: "target", Name: "workers", Type: "gauge"}, {Endpoint: "b", Name: "jobs_total", Type: "counter"}}
	require.Equal(t, []string{"pass: the exposition stayed the same for up to 2.5 s while hits were answered, and need not be moved by them"},
		stage.Judge(t, e, "expositions: [{id: a, check: fresh}]"))

	// Nor is another endpoint held to what hits do, though it counts something.
	e = stage.New(t, strings.Replace(scraped, `unchanged_seconds{endpoint="target"} 0x30`, `unchanged_seconds{endpoint="b"} 2.5x30`, 1))
	e.Metadata = []facts.Family{{Endpoint: "b", Name: "jobs_total", Type: "counter"}}
	require.Equal(t, []string{"pass: the exposition stayed the same for up to 2.5 s while hits were answered, and need not be moved by them"},
		stage.Judge(t, e, "expositions: [{id: a, check: fresh}]"))
}

// perHit has a family with this many new series a second.
func perHit(t *testing.T, new int) string {
	t.Helper()
	text := "brrtload_hits_total{outcome=\"answered\"} 0+90x30\n"
	for n := range 10 * new {
		text += fmt.Sprintf("jobs_total{path=\"/%d\"} _x%d 1x%d\n", n, n/new+9, 21-n/new)
	}
	return text
}

// born has a family of thirty series that appears in the second half.
func born() string {
	text := "brrtload_hits_total{outcome=\"answered\"} 0+90x30\n"
	for n := range 30 {
		text += fmt.Sprintf("jobs_total{path=\"/%d\"} _x12 1x18\n", n)
	}
	return text
}

// late has a histogram of two requests with thirty buckets, one of which was not sent in the first
// half.
func late() string {
	text := "brrtload_hits_total{outcome=\"answered\"} 0+90x30\n"
	for n := range 30 {
		text += fmt.Sprintf("wait_seconds_bucket{path=\"/a\", le=\"%d\"} 0+1x30\nwait_seconds_bucket{path=\"/b\", le=\"%d\"} _x12 1x18\n", n, n)
	}
	return text
}

func TestConventions(t *testing.T) {
	e := stage.New(t, "x 1x30\n")
	e.Metadata = []facts.Family{
		{Name: "brrtload_x", Type: "counter"},
		{Name: "go_gc_x", Type: "counter"},
		{Name: "latency_seconds", Type: "gauge", Help: "Average latency since start."},
		{Name: "mean_depth", Type: "gauge", Help: "Depth."},
		{Name: "meaning", Type: "gauge", Help: "What it means."},
		{Name: "jobs", Type: "counter", Help: "Jobs."},
	}
	require.Equal(t, []string{
		"untruthful: latency_seconds is a gauge of an average: over a life of days nothing moves it any more; count and sum, as of a histogram, let a reader choose the time",
		"untruthful: mean_depth is a gauge of an average: over a life of days nothing moves it any more; count and sum, as of a histogram, let a reader choose the time",
		`untruthful: jobs: counter metrics should have "_total" suffix`,
	}, stage.Judge(t, e, "expositions: [{id: a, check: conventional}]"))
	require.Equal(t, []string{"untruthful: mean_depth is a gauge of an average: over a life of days nothing moves it any more; count and sum, as of a histogram, let a reader choose the time"},
		stage.Judge(t, e, "expositions: [{id: a, check: conventional, except: [jobs, latency.*]}]"))
}

func TestAWarningAccusesNothing(t *testing.T) {
	e := stage.New(t, "mean_depth 1x30\n")
	e.Metadata = []facts.Family{{Name: "mean_depth", Type: "gauge", Help: "Depth."}}
	list, err := packs.Load(stage.Files{"a.yaml": `expositions: [{id: a, check: conventional, severity: warn}]
budgets: [{id: b, expr: mean_depth, must: "< 2"}]
`}.FS(), "a.yaml")
	require.NoError(t, err)
	j, err := judge.Judge(t.Context(), e, list)
	require.NoError(t, err)
	for _, c := range j.Checks {
		if c.ID == "b" {
			require.Equal(t, assertions.Pass, c.Verdict, c.Reason)
		}
	}
}

// TestFormerWordsNameThePresentOnes has every check as it was written before.
func TestFormerWordsNameThePresentOnes(t *testing.T) {
	for former, now := range map[string]string{"be of now": "fresh", "come to rest": "quiescent", "keep its size": "bounded-cardinality",
		"only count up": "monotonic", "be prompt": "timely", "be well formed": "well-formed", "follow conventions": "conventional"} {
		_, err := packs.Load(stage.Files{"a.yaml": "expositions: [{id: a, must: " + former + "}]"}.FS(), "a.yaml")
		require.ErrorContains(t, err, `a.yaml:1:29: "must: `+former+`" is now written check: `+now+"\n")
	}
}
