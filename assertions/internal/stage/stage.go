// Package stage is evidence for tests, made of series in the notation of promqltest and evaluated
// by the real engine.
package stage

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
	"brrtload/assertions/packs"
	"brrtload/internal/facts"
)

// stage is evidence made of series written in promqltest's notation, evaluated by the real engine.
// Its run lasts from 0 to 20 s, its steady window from 5 to 15 s, its idle window from 20 to 25 s.
type Stage struct {
	store    *teststorage.TestStorage
	engine   *promql.Engine
	Metadata []facts.Family
	Recorded []facts.Event
	Without  string // the name of a window that is incomplete
	Rest     int64  // seconds for which it was scraped before the run
}

func New(t testing.TB, load string) *Stage {
	t.Helper()
	return NewEvery(t, "1s", load)
}

// newStageEvery is for scrapes at another interval than a second.
func NewEvery(t testing.TB, interval, load string) *Stage {
	t.Helper()
	return &Stage{
		store: promqltest.LoadedStorage(t, "load "+interval+"\n  "+strings.Join(strings.FieldsFunc(load, func(r rune) bool { return r == '\n' }), "\n  ")),
		engine: promqltest.NewTestEngineWithOpts(t, promql.EngineOpts{
			MaxSamples: 1e6, Timeout: time.Minute, EnableAtModifier: true, EnableNegativeOffset: true, LookbackDelta: 5 * time.Second,
			Parser: parser.NewParser(parser.Options{EnableExperimentalFunctions: true, EnableBinopFillModifiers: true}),
		}),
	}
}

func (s *Stage) Window(name string) (facts.Window, bool) {
	edges := map[string][2]int64{"scraped": {0, 25}, "run": {s.Rest, 20}, "steady": {5, 15}, "idle": {20, 25}}
	edge, ok := edges[name]
	return facts.Window{Name: name, Start: time.Unix(edge[0], 0), End: time.Unix(edge[1], 0)}, ok && name != s.Without
}

func (s *Stage) Query(ctx context.Context, expr string, w facts.Window) (facts.Answer, error) {
	q, err := s.engine.NewRangeQuery(ctx, s.store, nil, expr, w.Start, w.End, w.End.Sub(w.Start))
	if err != nil {
		return facts.Answer{}, err
	}
	defer q.Close()
	result := q.Exec(ctx)
	if result.Err != nil {
		return facts.Answer{}, facts.Unfit{Why: result.Err.Error()}
	}
	var answer facts.Answer
	matrix, err := result.Matrix()
	if err != nil {
		return facts.Answer{}, err
	}
	for _, series := range matrix {
		for _, point := range series.Floats {
			if point.T == w.End.UnixMilli() {
				answer.Series = append(answer.Series, facts.Series{Labels: series.Metric.Map(), Value: point.F})
			}
		}
	}
	answer.Samples = int(q.Stats().Samples.TotalSamples)
	return answer, nil
}

func (s *Stage) Families(facts.Window) []facts.Family { return s.Metadata }

func (s *Stage) Events(w facts.Window) iter.Seq[facts.Event] {
	return slices.Values(s.Recorded)
}

// renamed is evidence in which a metric has a shorter name.
type Renamed struct {
	*Stage
	Long, Short string
}

func (r Renamed) Query(ctx context.Context, expr string, w facts.Window) (facts.Answer, error) {
	return r.Stage.Query(ctx, strings.ReplaceAll(expr, r.Long, r.Short), w)
}

// sound is a generator that delivered its plan on time.
const Sound = `
brrtload_planned_total 0+100x25
brrtload_sent_total 0+100x25
brrtload_lag_floor_p99_seconds 0.0005x25
brrtload_lag_seconds {{schema:3 sum:0 count:0}}+{{schema:3 sum:0.1 count:1000 offset:-76 buckets:[1000]}}x25
`

func Load(t testing.TB, text string) []assertions.Assertion {
	t.Helper()
	list, err := packs.Load(Files{"a.yaml": text}.FS(), "a.yaml")
	require.NoError(t, err)
	return list
}

// said lists verdict and text of every finding.
func Said(findings []assertions.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Verdict.String()+": "+f.Text)
	}
	return out
}

func Judge(t testing.TB, e facts.Evidence, text string) []string {
	t.Helper()
	list := Load(t, text)
	require.Len(t, list, 1)
	findings, err := list[0].Judge(t.Context(), e)
	require.NoError(t, err)
	return Said(findings)
}

func Verdicts(j assertions.Judgement) map[string]string {
	out := map[string]string{}
	for _, c := range j.Checks {
		out[c.ID] = c.Verdict.String()
	}
	return out
}

type Files map[string]string

func (f Files) FS() fs.FS {
	out := fstest.MapFS{}
	for name, text := range f {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// inWords returns the verdict and its reason.
func InWords(j assertions.Judgement) string { return j.Verdict.String() + ": " + j.Reason }
