package memtrace

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/pprof"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"

	"brrtload/internal/diag"
	"brrtload/internal/evidence"
	"brrtload/internal/memory"
	"brrtload/reports"
	"brrtload/scenarios"
)

func tracer(t *testing.T, tool scenarios.MemoryTool) (*Tracer, string) {
	t.Helper()
	dir := t.TempDir()
	made, err := New(&scenarios.Scenario{Memory: &scenarios.Memory{Tool: tool}}, dir)
	require.NoError(t, err)
	return made, filepath.Join(dir, Dir)
}

func TestProfilesAreFetched(t *testing.T) {
	var asked []string
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.RequestURI())
		_ = pprof.Lookup("heap").WriteTo(w, 0)
	}))
	defer service.Close()
	at, dir := tracer(t, scenarios.Pprof)
	at.At(service.Client(), service.URL+"/heap?seconds=0", true)
	require.NoError(t, at.Fetch(t.Context(), true))
	require.NoError(t, at.Fetch(t.Context(), false))
	require.Equal(t, []string{"/heap?gc=1&seconds=0", "/heap?seconds=0"}, asked)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 2)
	p, err := at.Read()
	require.NoError(t, err)
	require.Len(t, p.Total, 2)
	at.Lose(errors.New("the last fetch failed"))
	_, err = at.Read()
	require.ErrorContains(t, err, "the last fetch failed", "what is not whole is not used")
}

// What is no profile says what to change.
func TestWhatIsFetchedAndIsNoProfile(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/page":
			_, _ = w.Write([]byte("<html>\nwelcome"))
		case "/secret":
			w.WriteHeader(http.StatusUnauthorized)
		case "/slow":
			<-r.Context().Done()
		default:
			http.NotFound(w, r)
		}
	}))
	defer service.Close()
	for path, want := range map[string]string{
		"/none":   "status 404: no profile there; a Go program serves it with net/http/pprof; give the address of a heap profile: memory: {tool: pprof, url: …}",
		"/secret": "status 401: it wants credentials",
		"/page":   `no profile: parsing profile: unrecognized profile format (it begins with "<html>"); give the address`,
	} {
		at, dir := tracer(t, scenarios.Pprof)
		at.At(service.Client(), service.URL+path, true)
		err := at.Fetch(t.Context(), false)
		require.ErrorContains(t, err, "fetch "+service.URL+path+": "+want)
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, files)
		_, err = at.Read()
		require.Error(t, err)
	}
	at, _ := tracer(t, scenarios.Pprof)
	at.At(http.DefaultClient, "http://me:hidden@127.0.0.1:1/heap", true)
	err := at.Fetch(t.Context(), false)
	require.ErrorContains(t, err, "connection refused; give the address")
	require.NotContains(t, err.Error(), "hidden")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("interrupted"))
	at.At(service.Client(), service.URL+"/slow", true)
	require.ErrorContains(t, at.Fetch(ctx, false), "interrupted")
}

func TestAToolThatIsNotThere(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, tool := range []scenarios.MemoryTool{scenarios.Heaptrack, scenarios.DHAT, scenarios.Massif} {
		err := Ready(&scenarios.Scenario{Memory: &scenarios.Memory{Tool: tool}, Target: scenarios.Target{Command: []string{"/bin/sh"}}})
		require.ErrorAs(t, err, new(diag.Mistake))
		require.ErrorContains(t, err, "apt-get install")
	}
	require.NoError(t, Ready(&scenarios.Scenario{}))
	require.NoError(t, Ready(&scenarios.Scenario{Memory: &scenarios.Memory{Tool: scenarios.Pprof}}))
}

func TestWithoutAToolNothingIsDone(t *testing.T) {
	none, err := New(&scenarios.Scenario{}, t.TempDir())
	require.NoError(t, err)
	require.Nil(t, none)
	require.NoError(t, none.Fetch(t.Context(), true))
	none.Watch(t.Context(), time.Nanosecond)
	none.Lose(errors.New("x"))
	none.Started(time.Now())
	path, args, err := none.Command("shop", []string{"-p"})
	require.NoError(t, err)
	require.Equal(t, []string{"shop", "-p"}, append([]string{path}, args...))
}

func TestTheToolsOfScenariosAreThoseThatAreRead(t *testing.T) {
	for _, tool := range memory.Tools() {
		var named scenarios.MemoryTool
		require.NoError(t, named.UnmarshalText([]byte(tool)))
	}
	require.Len(t, memory.Tools(), 4)
}

func TestHowOftenProfilesAreFetched(t *testing.T) {
	require.Equal(t, time.Second, Every(2*time.Second))
	require.Equal(t, 6*time.Second, Every(time.Minute))
	require.Equal(t, 2*time.Minute, Every(24*time.Hour))
}

// stored reads back what was written: by series, the values with the seconds after start.
func stored(t *testing.T, store *evidence.Store, start time.Time) map[string][][2]float64 {
	t.Helper()
	found := map[string][][2]float64{}
	q, err := store.Queryable().Querier(0, start.Add(time.Hour).UnixMilli())
	require.NoError(t, err)
	defer func() { require.NoError(t, q.Close()) }()
	set := q.Select(t.Context(), true, nil, labels.MustNewMatcher(labels.MatchRegexp, "__name__", "brrtload_traced.*"))
	for set.Next() {
		it := set.At().Iterator(nil)
		for it.Next() == chunkenc.ValFloat {
			at, v := it.At()
			name := set.At().Labels().String()
			found[name] = append(found[name], [2]float64{float64(at-start.UnixMilli()) / 1000, v})
		}
	}
	require.NoError(t, set.Err())
	return found
}

func TestSeriesHaveTheTimesOfTheTool(t *testing.T) {
	start := time.Unix(1000, 0)
	run := Window{Start: start.Add(10 * time.Second), End: start.Add(20 * time.Second)}
	points := []memory.Point{
		{At: 5 * time.Second, Allocations: 10, Bytes: 1000, Live: 1, LiveBytes: 100},
		{At: 12 * time.Second, Allocations: 20, Bytes: 2000, Live: 2, LiveBytes: 200},
		{At: 12*time.Second + 100*time.Microsecond, Allocations: 21, Bytes: 2100, Live: 2, LiveBytes: 210},
		{At: 30 * time.Second, Allocations: 99, Bytes: 9900, Live: 0, LiveBytes: 0},
	}
	live := func(at time.Duration, bytes int64) memory.Point {
		return memory.Point{At: at, Allocations: memory.Unknown, Bytes: memory.Unknown, Live: memory.Unknown, LiveBytes: bytes}
	}
	profile := func(tool memory.Tool, points ...memory.Point) memory.Profile {
		return memory.Profile{Tool: tool, Start: start, Total: points, Sites: []memory.Site{{Function: "keep", Place: "a.c:1", Points: points}}}
	}
	const allocations, bytes = `{__name__="brrtload_traced_allocations_total", site="keep"}`, `{__name__="brrtload_traced_allocated_bytes_total", site="keep"}`
	const liveBytes = `{__name__="brrtload_traced_live_bytes", site="keep"}`
	by := func(tool, covers, slowed string) string {
		return `{__name__="brrtload_traced_by", covers="` + covers + `", slowed="` + slowed + `", tool="` + tool + `"}`
	}
	for _, row := range []struct {
		name    string
		tool    scenarios.MemoryTool
		profile memory.Profile
		by      string
		want    map[string][][2]float64
		section reports.MemorySite
	}{
		{"heaptrack", scenarios.Heaptrack, profile(memory.Heaptrack, points...), by("heaptrack", "window", "yes"), map[string][][2]float64{
			allocations: {{0, 0}, {5, 10}, {12, 20}, {30, 99}}, bytes: {{0, 0}, {5, 1000}, {12, 2000}, {30, 9900}},
			liveBytes: {{0, 0}, {5, 100}, {12, 200}, {30, 0}}},
			reports.MemorySite{Allocations: of(11), Bytes: of(1100), LiveStart: of(100), LiveEnd: of(210)}},
		{"massif", scenarios.Massif, profile(memory.Massif, live(0, 7), live(15*time.Second, 70)), by("massif", "window", "yes"), map[string][][2]float64{
			liveBytes: {{0, 7}, {15, 70}}}, reports.MemorySite{LiveStart: of(7), LiveEnd: of(70)}},
		{"dhat", scenarios.DHAT, profile(memory.DHAT, memory.Point{At: memory.AtEnd, Allocations: 50, Bytes: 5000, Live: 3, LiveBytes: 300}),
			by("dhat", "process", "yes"), map[string][][2]float64{
				allocations: {{0, 0}, {20, 50}}, bytes: {{0, 0}, {20, 5000}}, liveBytes: {{20, 300}}},
			reports.MemorySite{Allocations: of(50), Bytes: of(5000), LiveEnd: of(300)}},
		{"pprof", scenarios.Pprof, profile(memory.Pprof, points[0], points[1]), by("pprof", "run", "no"), map[string][][2]float64{
			allocations: {{5, 10}, {12, 20}}, bytes: {{5, 1000}, {12, 2000}}, liveBytes: {{5, 100}, {12, 200}}},
			reports.MemorySite{Allocations: of(10), Bytes: of(1000), LiveStart: of(100), LiveEnd: of(200)}},
	} {
		at, dir := tracer(t, row.tool)
		store, err := evidence.Create(filepath.Dir(dir))
		require.NoError(t, err)
		require.NoError(t, at.Write(store, row.profile, run))
		row.want[row.by] = [][2]float64{{20, 1}}
		row.want[`{__name__="brrtload_traced_sample_bytes"}`] = [][2]float64{{20, 0}}
		require.Equal(t, row.want, stored(t, store, start), row.name)
		row.section.Function, row.section.Place = "keep", "a.c:1"
		require.Equal(t, []reports.MemorySite{row.section}, at.Section(row.profile, run, 100).Sites, row.name)
		require.NoError(t, store.Close())
	}
}

func of(v float64) *float64 { return &v }

func TestNotesSayWhatTheFiguresAreNot(t *testing.T) {
	require.Equal(t, []string{"memory: what dhat saw could not be read: no file"}, Notes(&reports.Memory{Tool: "dhat", Lost: "no file"}))
	require.Equal(t, []string{
		"memory: the target ran under dhat: times, CPU and sizes of the process are those of a slowed one; counts are its own",
		"memory: dhat knows totals at the end of the process alone: its start and its end are in the figures, divided by 7 hits",
		"memory: the most that was live at once: 2 KiB",
		"memory: stacks are not seen",
	}, Notes(&reports.Memory{Tool: "dhat", Slowed: true, WholeProcess: true, Peak: 2048, Hits: 7, Unseen: []string{"stacks are not seen"}}))
}
