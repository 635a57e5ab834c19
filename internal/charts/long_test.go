package charts

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"brrtload/internal/evidence"
	"brrtload/internal/facts"
)

// tenMinutes is a run of ten minutes with 22 requests and 2,500 series, scraped every second.
func tenMinutes(b *testing.B) *evidence.Store {
	b.Helper()
	const seconds, requests, series = 600, 22, 2500
	store, err := evidence.Create(b.TempDir())
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, store.Close()) })
	store.Baseline(began)
	var client, service []labels.Labels
	for i := range requests {
		client = append(client, labels.FromStrings(model.MetricNameLabel, "brrtload_hits_total", "request", fmt.Sprint(i), "outcome", "answered", "status", "200"))
	}
	for i := range series {
		service = append(service, labels.FromStrings(model.MetricNameLabel, "served_total", "handler", fmt.Sprint(i)))
	}
	for s := range seconds + 1 {
		batch := store.At(began.Add(time.Duration(s) * time.Second))
		for _, l := range client {
			batch.AddCounter(l, float64(10*s))
		}
		for i, l := range service {
			batch.AddCounter(l, float64(s*(i%3)))
		}
		batch.AddCounter(labels.FromStrings(model.MetricNameLabel, "brrtload_planned_total"), float64(10*requests*s))
		batch.AddCounter(labels.FromStrings(model.MetricNameLabel, "brrtload_sent_total"), float64(10*requests*s))
		require.NoError(b, batch.Commit())
	}
	for _, name := range []string{facts.Run, facts.Steady} {
		store.Mark(facts.Window{Name: name, Start: began, End: began.Add(seconds * time.Second)})
	}
	return store
}

func BenchmarkTimelineOfTenMinutes(b *testing.B) {
	store := tenMinutes(b)
	text := "budgets:\n"
	for i := range 10 {
		text += fmt.Sprintf("  - {id: b%d, why: x, expr: 'sum(increase(served_total[range()] anchored))', must: '< 1e9'}\n", i)
	}
	text += "identities:\n  - {id: i, what: answers, client: 'sum(increase(brrtload_hits_total{outcome=\"answered\"}[range()] anchored))', server: 'sum(increase(served_total[range()] anchored))'}\n"
	list := assertedIn(b, text)
	b.ReportAllocs()
	for b.Loop() {
		timeline, err := Timeline(b.Context(), Input{Store: store, Assertions: list, Began: began, Finest: 2 * time.Second})
		require.NoError(b, err)
		require.Equal(b, maxSlices, timeline.Slices)
		require.Len(b, timeline.Trends, 10)
	}
}
