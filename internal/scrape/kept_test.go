package scrape

import (
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"brrtload/internal/evidence"
	"brrtload/internal/facts"
)

// A kept endpoint is scraped every ten seconds; the run begins between two scrapes.
var (
	keptStart = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	keptRun   = Moments{Touched: keptAt(45), Baseline: keptAt(55), Over: keptAt(85)}
)

func keptAt(seconds float64) time.Time {
	return keptStart.Add(time.Duration(seconds * float64(time.Second)))
}

// keptOf returns an endpoint whose counter has these values in its scrapes, ten seconds apart; a
// negative value is a scrape that failed. The process started long ago, or with the scrape of that
// number.
func keptOf(first int, startedAt float64, values ...float64) Kept {
	k := Kept{Name: "a", Labels: labels.FromStrings("endpoint", "a"), Families: []facts.Family{
		{Name: "x_total", Type: "counter"}, {Name: "depth", Type: "gauge"}}}
	for n, v := range values {
		at := 10 * float64(first+n)
		round := KeptRound{At: keptAt(at), Failed: v < 0}
		if !round.Failed {
			started := -1000.0
			if startedAt > 0 && at >= startedAt {
				started = startedAt
			}
			round.Samples = []KeptSample{
				{Labels: labels.FromStrings("__name__", "x_total"), Value: v},
				{Labels: labels.FromStrings("__name__", "depth"), Value: 1},
				{Labels: labels.FromStrings("__name__", facts.StartTime), Value: float64(keptAt(started).Unix())},
			}
		}
		k.Rounds = append(k.Rounds, round)
	}
	return k
}

func replay(t *testing.T, k Kept) (Replayed, *evidence.Store) {
	store := newStore(t)
	store.Baseline(keptRun.Baseline)
	got := k.Replay(store, keptRun)
	require.NoError(t, got.Err)
	return got, store
}

func keptValue(t *testing.T, store *evidence.Store, expr string) float64 {
	t.Helper()
	answer, err := store.Query(t.Context(), expr, facts.Window{Name: facts.Run, Start: keptRun.Baseline, End: keptAt(95)})
	require.NoError(t, err)
	require.Len(t, answer.Series, 1, expr)
	return answer.Series[0].Value
}

const keptIncrease = `increase(x_total[range()] anchored)`

func TestKeptScrapesAreCountedBetweenTheEdges(t *testing.T) {
	got, store := replay(t, keptOf(0, 0, 5, 5, 5, 5, 5, 6, 20, 70, 106, 106, 106))
	require.Equal(t, keptAt(50), got.First, "the last scrape before the baseline, which has seen the probe")
	require.Equal(t, keptAt(90), got.Last, "the first scrape after the last hit")
	require.Equal(t, 100.0, keptValue(t, store, keptIncrease))
	require.Empty(t, got.Before, "a probe of the run itself is no other traffic")
	require.Empty(t, got.After)
	require.Equal(t, 6, got.Count, "scrapes before the run are none of its own")
	require.Equal(t, 10*time.Second, keptOf(0, 0, 1, 2, 3).Interval())
}

func TestKeptScrapesShowWhatOthersDo(t *testing.T) {
	got, _ := replay(t, keptOf(0, 0, 0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000))
	require.Len(t, got.Before, 1)
	require.True(t, got.Before[0].Steady)
	require.InDelta(t, 10, got.Before[0].Rate, 0.01)
	require.Empty(t, got.After, "it was steady before")

	require.InDelta(t, 400, got.Before[0].Most(40*time.Second), 120, "chance is small in what is so even")

	got, _ = replay(t, keptOf(0, 0, 0, 0, 900, 1200, 1230, 1230, 1600, 1700, 1800, 1900, 1900))
	require.Len(t, got.Before, 1, "a load that has just ended")
	require.False(t, got.Before[0].Steady)

	got, _ = replay(t, keptOf(0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8))
	require.Len(t, got.Before, 1, "a health check every 20 s")
	require.True(t, got.Before[0].Steady)
	require.InDelta(t, 0.05, got.Before[0].Rate, 0.001)

	got, _ = replay(t, keptOf(0, 0, 0, 0, 1, 1, 1, 1, 4, 5, 6, 7, 7))
	require.Empty(t, got.Before, "one request a while ago")

	got, _ = replay(t, keptOf(0, 0, 0, 100, 100, 100, 100, 100, 600, 700, 800, 900, 1000))
	require.Empty(t, got.Before, "who called a minute ago is gone")
	require.Len(t, got.After, 1)
	require.InDelta(t, 10, got.After[0].Rate, 0.01)
}

func TestKeptScrapesOfAReplicaThatComesAndGoes(t *testing.T) {
	got, store := replay(t, keptOf(7, 62, 30, 40, 50, 50)) // it appears with 30, and started in the run
	require.True(t, got.Born)
	require.Equal(t, 50.0, keptValue(t, store, keptIncrease))

	got, _ = replay(t, keptOf(7, 0, 30, 40, 50, 50)) // it appears, and ran before
	require.False(t, got.Born)
	require.Zero(t, got.First)

	got, _ = replay(t, keptOf(0, 0, 5, 5, 5, 5, 5, 5, 20, 70)) // it was not scraped after the load
	require.Zero(t, got.Last)
}

func TestKeptScrapesOfARestart(t *testing.T) {
	_, store := replay(t, keptOf(0, 52, 5, 5, 5, 5, 5, 5, 0, 70, 106, 106)) // by a clock that is late
	require.Equal(t, 106.0, keptValue(t, store, keptIncrease))
	require.Equal(t, 1.0, keptValue(t, store, `resets(x_total[range()] anchored)`),
		"a restart right after the baseline is seen in the run")
}

func TestKeptScrapesThatFailed(t *testing.T) {
	got, store := replay(t, keptOf(0, 0, 5, 5, 5, 5, 5, 5, 20, -1, 106, 106))
	require.Equal(t, 1, got.Failed)
	require.Equal(t, 101.0, keptValue(t, store, keptIncrease))
	require.ErrorContains(t, got.Stats.Err, "up is 0")
}

// Native histograms, which the server gives as float ones, begin at nothing where a series is new.
func TestKeptNativeHistograms(t *testing.T) {
	k := keptOf(0, 0, 5, 5, 5, 5, 5, 5, 20, 70, 106, 106)
	k.Families = append(k.Families, facts.Family{Name: "took_seconds", Type: "histogram"})
	for n := 6; n < len(k.Rounds); n++ {
		count := float64(10 * (n - 5))
		k.Rounds[n].Samples = append(k.Rounds[n].Samples, KeptSample{Labels: labels.FromStrings("__name__", "took_seconds"),
			Histogram: &histogram.FloatHistogram{Schema: 2, Count: count, Sum: count / 2,
				PositiveSpans: []histogram.Span{{Offset: -3, Length: 1}}, PositiveBuckets: []float64{count}}})
	}
	_, store := replay(t, k)
	require.Equal(t, 40.0, keptValue(t, store, `histogram_count(increase(took_seconds[range()] anchored))`))
	require.InDelta(t, 0.5, keptValue(t, store, `histogram_quantile(0.5, increase(took_seconds[range()] anchored))`), 0.1)
}
