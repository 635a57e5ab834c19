package record

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"

	"brrtload/assertions/promql"
	"brrtload/internal/evidence"
	"brrtload/internal/load"
	"brrtload/internal/load/hit"
	"brrtload/internal/memory"
	"brrtload/internal/memtrace"
	"brrtload/internal/rounds"
	"brrtload/internal/scrape"
	"brrtload/internal/signals"
	"brrtload/internal/stacks"
	"brrtload/scenarios"
)

var (
	seriesRow = regexp.MustCompile("(?m)^\\| `(brrtload_\\w+|up)` \\| (.*?) \\| .*? \\| (.*?) \\|")
	labelRow  = regexp.MustCompile("(?m)^\\| ((?:`\\w+`(?:, )?)+)(?: of `(\\w+)`)? \\| (.*) \\|$")
	code      = regexp.MustCompile("`([^`]+)`")
)

// codes returns what stands between backquotes, sorted.
func codes(text string) []string {
	var found []string
	for _, c := range code.FindAllStringSubmatch(text, -1) {
		found = append(found, c[1])
	}
	return slices.Sorted(slices.Values(found))
}

func seriesPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/series.md")
	require.NoError(t, err)
	return string(text)
}

// kind is how the page calls a series of that name and encoding.
func kind(name string, encoding chunkenc.ValueType) string {
	switch {
	case encoding == chunkenc.ValHistogram || encoding == chunkenc.ValFloatHistogram:
		return "native histogram"
	case strings.HasSuffix(name, "_total"):
		return "counter"
	}
	return "gauge"
}

// docs/series.md lists the series that are written, with their types and labels: all of them, and no others.
func TestThePageListsEverySeries(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the clocks of processes and of the machine are read on Linux")
	}
	written, types := map[string][]string{}, map[string]string{}
	everything(t, func(l labels.Labels, v chunkenc.ValueType) {
		name := l.Get(model.MetricNameLabel)
		types[name] = kind(name, v)
		for label := range l.Map() {
			if label != model.MetricNameLabel && !slices.Contains(written[name], label) {
				written[name] = append(written[name], label)
			}
		}
		written[name] = slices.Sorted(slices.Values(append([]string{}, written[name]...)))
	})
	require.Equal(t, append(promql.ClientSeries(), seriesUp), slices.Sorted(maps.Keys(written)), "have everything, below, write the series")

	listed, called := map[string][]string{}, map[string]string{}
	for _, row := range seriesRow.FindAllStringSubmatch(seriesPage(t), -1) {
		fixed, _, _ := strings.Cut(row[3], ", and those of")
		require.NotContains(t, listed, row[1], "listed twice")
		listed[row[1]], called[row[1]] = codes(fixed), row[2]
		if fixed == "none" {
			listed[row[1]] = nil
		}
	}
	for name, labels := range written {
		require.ElementsMatch(t, labels, listed[name], "labels of %s", name)
	}
	require.Equal(t, types, called)
	require.ElementsMatch(t, slices.Collect(maps.Keys(written)), slices.Collect(maps.Keys(listed)))

	described := map[string]bool{}
	for _, row := range labelRow.FindAllStringSubmatch(seriesPage(t), -1) {
		for _, label := range codes(row[1]) {
			described[label] = true
		}
	}
	for name, labels := range written {
		for _, label := range labels {
			require.True(t, described[label], "the label %s of %s has no row in the table of labels", label, name)
		}
	}
}

// The page has every value of the labels that have few, as the code defines them.
func TestThePageListsTheValuesOfLabels(t *testing.T) {
	values := func(pattern string, files ...string) (all []string) {
		for _, file := range files {
			text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(file)))
			require.NoError(t, err)
			for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
				all = append(all, found[1])
			}
		}
		require.NotEmpty(t, all)
		return slices.Sorted(slices.Values(all))
	}
	lacks := []string{string(hit.NoDescriptor), string(hit.NoMemory), string(hit.NoPort), string(hit.NoResolver)}
	kinds := slices.DeleteFunc(values(`(?m)^\s+\w+\s+Kind += "(.+?)"`, "load/hit/result.go"), func(k string) bool { return slices.Contains(lacks, k) })
	reasons := func(file string, more ...string) []string {
		found := append(values(`(?m)^\s+[A-Z]\w+ += "(\w+)"`, file), append(more, "still_coming")...)
		return slices.Compact(slices.Sorted(slices.Values(found)))
	}
	words := func(list string) []string {
		text := strings.Join(values(list+` += \[\]string\{(.*)\}`, "signals/otlp.go"), "")
		return slices.Sorted(slices.Values(strings.Split(strings.ReplaceAll(text, `"`, "")+", unknown", ", ")))
	}
	for label, want := range map[string][]string{
		"outcome":                   {string(hit.Ambiguous), string(hit.Answered), string(hit.Cut), string(hit.NeverReached)},
		"kind " + seriesHits:        kinds,
		"kind " + seriesMappings:    {string(stacks.Coroutine), string(stacks.Other), string(stacks.Thread)},
		"kind " + seriesUnsent:      lacks,
		"kind " + seriesSpans:       words("kindNames"),
		"span_status":               words("statusNames"),
		"step":                      values(`(?m)^\s+\w+\s+Step += "(.+?)"`, "load/hit/step.go"),
		"flaw":                      append(values(`(?m)^\s+flaw\w+ += "(.+?)"`, "scrape/flaws.go"), "unversioned", "duplicates"),
		"answered":                  {"no", "yes"},
		"connected":                 {"no", "yes"},
		"reason " + seriesLogLost:   reasons("signals/events.go"),
		"reason " + seriesSpansLost: reasons("signals/spans.go", signals.TooMany, signals.TooVarious),
	} {
		found := false
		for _, row := range labelRow.FindAllStringSubmatch(seriesPage(t), -1) {
			if name := strings.TrimSpace(strings.Trim(row[1], "`") + " " + row[2]); name == label {
				require.ElementsMatch(t, want, codes(row[3]), label)
				found = true
			}
		}
		require.True(t, found, "no row for %s", label)
	}
}

// everything hands over each series of a run in which all happens that can happen.
func everything(t *testing.T, take func(labels.Labels, chunkenc.ValueType)) {
	t.Helper()
	s, err := scenarios.Load(fstest.MapFS{"s.yaml": {Data: []byte(`
target: {bundled: {}}
logs: {}
traces: {}
stages: [{rate: 1, duration: 1h, reload: 1s}]
requests: [{get: /}]
`)}}, "s.yaml")
	require.NoError(t, err)
	plan, err := s.Plan(1)
	require.NoError(t, err)
	dir := t.TempDir()
	store, err := evidence.Create(dir)
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	c := New(store, load.NewLedger(plan), plan)
	c.Intake, err = TakeIn(s, nil, plan, dir)
	require.NoError(t, err)
	defer c.Intake.Close(store)
	c.Intake.events.Take([]byte(`{"msg":"started","level":"info"}`))
	c.Intake.events.Lost(signals.TooLong)
	c.Intake.spans.Lost(signals.Busy)
	export(t, c.Intake.receiver.URL(), plan.Hit(0).Trace)

	now := time.Now()
	store.Baseline(now)
	c.Begin(now)
	c.Edge(0, now, true)
	for n, o := range []hit.Result{
		{Outcome: hit.Answered, Status: 502}, {Outcome: hit.Ambiguous, Kind: hit.TimedOut, Waited: true}, {Outcome: hit.NotSent, Kind: hit.NoPort},
	} {
		h := plan.Hit(uint64(n))
		o.Sent, o.Done = h.Due, h.Due+time.Millisecond
		c.ledger.Begin()
		c.ledger.Add(h, o)
	}
	moved := scrape.Movement{Series: labels.FromStrings(model.MetricNameLabel, "jobs_total"), Rate: 1, Steady: true}
	c.AtRest(rounds.Quietness{Others: []scrape.Movement{moved}})
	c.AfterLoad(rounds.Quietness{Others: []scrape.Movement{moved}})
	c.Watch = []Watched{{os.Getpid(), SeriesOwnCPU, SeriesOwnMemory}, {os.Getpid(), SeriesCPU, SeriesResident}}
	c.Served = Served{Foreign: true, Started: now, Peers: map[int]float64{2: 1}, All: []int{os.Getpid()}}
	c.Stacks = &Observer{Sample: stacks.Sample{Groups: []stacks.Group{{Size: 65536, Kind: stacks.Coroutine, Count: 1}}}}
	c.answerers = Answerers{1: true, 2: false}
	c.step = map[hit.Step]*track{hit.DNS: {name: Named(seriesStep, "step", string(hit.DNS)), now: new(histogram.Histogram)}}
	reading := scrape.Reading{Endpoint: "target", URL: "http://127.0.0.1:1/metrics", Sent: now, Took: time.Millisecond, Unversioned: true}
	failed := scrape.Reading{Endpoint: "target", URL: reading.URL, Sent: now, Err: errors.New("refused")}
	c.watched("target").lag.least = time.Second
	c.EdgesOfCounts(time.Second, time.Second)
	c.Scraped(rounds.Round{After: now.Add(time.Second), Readings: []scrape.Reading{failed, reading}})
	c.Leave(0)
	c.Edge(1, now.Add(2*time.Second), true)
	require.NoError(t, c.Settle(now.Add(3*time.Second)))
	merged := store.At(now.Add(4 * time.Second))
	AddShards(merged, 2)
	AddClock(merged, 1, 0.001)
	require.NoError(t, merged.Commit())
	tracer, err := memtrace.New(&scenarios.Scenario{Memory: &scenarios.Memory{Tool: scenarios.Pprof}}, dir)
	require.NoError(t, err)
	run := memtrace.Window{Start: now, End: now.Add(time.Second)}
	point := []memory.Point{{Allocations: 1, Bytes: 2, Live: 1, LiveBytes: 2}}
	require.NoError(t, tracer.Write(store, memory.Profile{Tool: memory.Pprof, Start: now, Total: point,
		Sites: []memory.Site{{Function: "main.main", Points: point}}}, run))
	require.NoError(t, tracer.WriteLost(store, errors.New("cut"), run.End))

	q, err := store.Queryable().Querier(0, now.Add(time.Hour).UnixMilli())
	require.NoError(t, err)
	defer func() { require.NoError(t, q.Close()) }()
	found := q.Select(t.Context(), false, nil, labels.MustNewMatcher(labels.MatchNotEqual, model.MetricNameLabel, ""))
	for found.Next() {
		take(found.At().Labels(), found.At().Iterator(nil).Next())
	}
	require.NoError(t, found.Err())
}

// export sends a span of a trace.
func export(t *testing.T, url string, of scenarios.Trace) {
	t.Helper()
	body := fmt.Sprintf(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"%x","spanId":"%x","name":"GET","kind":2}]}]}]}`, of.ID, of.Parent)
	answer, err := http.Post(url+"/v1/traces", "application/json", strings.NewReader(body))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
}
