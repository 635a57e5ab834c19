package assertions_test

import (
	"context"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"

	"brrtload/assertions"
)

// stage is evidence made of series written in promqltest's notation, evaluated by the real engine. Its run lasts from 0 to 20 s, its steady
// window from 5 to 15 s, its idle window from 20 to 25 s.
type stage struct {
	store    *teststorage.TestStorage
	engine   *promql.Engine
	families []assertions.Family
	events   []assertions.Event
	without  string // the name of a window that is incomplete
	rest     int64  // seconds for which it was scraped before the run
}

func newStage(t testing.TB, load string) *stage {
	t.Helper()
	return newStageEvery(t, "1s", load)
}

// newStageEvery is for scrapes at another interval than a second.
func newStageEvery(t testing.TB, interval, load string) *stage {
	t.Helper()
	return &stage{
		store: promqltest.LoadedStorage(t, "load "+interval+"\n  "+strings.Join(strings.FieldsFunc(load, func(r rune) bool { return r == '\n' }), "\n  ")),
		engine: promqltest.NewTestEngineWithOpts(t, promql.EngineOpts{
			MaxSamples: 1e6, Timeout: time.Minute, EnableAtModifier: true, EnableNegativeOffset: true, LookbackDelta: 5 * time.Second,
			Parser: parser.NewParser(parser.Options{EnableExperimentalFunctions: true, EnableBinopFillModifiers: true}),
		}),
	}
}

func (s *stage) Window(name string) (assertions.Window, bool) {
	edges := map[string][2]int64{"scraped": {0, 25}, "run": {s.rest, 20}, "steady": {5, 15}, "idle": {20, 25}}
	edge, ok := edges[name]
	return assertions.Window{Name: name, Start: time.Unix(edge[0], 0), End: time.Unix(edge[1], 0)}, ok && name != s.without
}

func (s *stage) Query(ctx context.Context, expr string, w assertions.Window) (assertions.Answer, error) {
	q, err := s.engine.NewRangeQuery(ctx, s.store, nil, expr, w.Start, w.End, w.End.Sub(w.Start))
	if err != nil {
		return assertions.Answer{}, err
	}
	defer q.Close()
	result := q.Exec(ctx)
	if result.Err != nil {
		return assertions.Answer{}, result.Err
	}
	var answer assertions.Answer
	matrix, err := result.Matrix()
	if err != nil {
		return assertions.Answer{}, err
	}
	for _, series := range matrix {
		for _, point := range series.Floats {
			if point.T == w.End.UnixMilli() {
				answer.Series = append(answer.Series, assertions.Series{Labels: series.Metric.Map(), Value: point.F})
			}
		}
	}
	answer.Samples = int(q.Stats().Samples.TotalSamples)
	return answer, nil
}

func (s *stage) Families(assertions.Window) []assertions.Family { return s.families }

func (s *stage) Events(w assertions.Window) iter.Seq[assertions.Event] {
	return slices.Values(s.events)
}

// renamed is evidence in which a metric has a shorter name.
type renamed struct {
	*stage
	long, short string
}

func (r renamed) Query(ctx context.Context, expr string, w assertions.Window) (assertions.Answer, error) {
	return r.stage.Query(ctx, strings.ReplaceAll(expr, r.long, r.short), w)
}

// sound is a generator that delivered its plan on time.
const sound = `
brrtload_planned_total 0+100x25
brrtload_sent_total 0+100x25
brrtload_lag_floor_p99_seconds 0.0005x25
brrtload_lag_seconds {{schema:3 sum:0 count:0}}+{{schema:3 sum:0.1 count:1000 offset:-76 buckets:[1000]}}x25
`

func load(t testing.TB, text string) []assertions.Assertion {
	t.Helper()
	list, err := assertions.Load(files{"a.yaml": text}.fs(), "a.yaml")
	require.NoError(t, err)
	return list
}

// said lists verdict and text of every finding.
func said(findings []assertions.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Verdict.String()+": "+f.Text)
	}
	return out
}

func judge(t testing.TB, e assertions.Evidence, text string) []string {
	t.Helper()
	list := load(t, text)
	require.Len(t, list, 1)
	findings, err := list[0].Judge(t.Context(), e)
	require.NoError(t, err)
	return said(findings)
}

func verdicts(j assertions.Judgement) map[string]string {
	out := map[string]string{}
	for _, c := range j.Checks {
		out[c.ID] = c.Verdict.String()
	}
	return out
}

type files map[string]string

func (f files) fs() fs.FS {
	out := fstest.MapFS{}
	for name, text := range f {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// inWords returns the verdict and its reason.
func inWords(j assertions.Judgement) string { return j.Verdict.String() + ": " + j.Reason }
