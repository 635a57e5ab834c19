package evidence

import (
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"brrtload/internal/facts"
)

// relay returns the evidence of a run of 30 s, of two endpoints that another server scraped every
// five seconds, the second two seconds later. Hits are known every second.
func relay(t *testing.T) *Store {
	s := create(t)
	s.Relay(Relayed{Every: 5 * time.Second})
	s.Mark(run)
	for n := range 31 {
		put(t, s, float64(n), float64(n), "brrtload_sent_total")
	}
	for n := -1; n <= 6; n++ {
		for i, endpoint := range []string{"a", "b"} {
			second := float64(5*n + 2*i)
			b := s.At(at(second))
			b.Append(b.Series(labels.FromStrings(model.MetricNameLabel, "x_total", "endpoint", endpoint)), Sample{Value: max(0, second)})
			require.NoError(t, b.Commit())
			s.Describe(endpoint, at(second), []facts.Family{{Name: "x_total", Type: "counter", Series: 1}})
		}
	}
	return s
}

func within(from, to float64) facts.Window {
	return facts.Window{Name: facts.Steady, Start: at(from), End: at(to)}
}

const both = `sum(increase(x_total[range()] anchored))`

// A phase begins with the first scrape of each endpoint in it: what was counted before it, and was
// scraped in it, does not count.
func TestRelayedWindowsBeginWithScrapes(t *testing.T) {
	s := relay(t)
	// b's first scrape after 8 s is that at 12: from the scrapes at 10 and 12 to those at 25 and 22
	require.Equal(t, 25.0, ask(t, s, both, within(8, 26)))
	require.Equal(t, 18.0, ask(t, s, `increase(brrtload_sent_total[range()] anchored)`, within(8, 26)), "hits have the edges")
	require.Equal(t, 14.0, ask(t, s, `increase(brrtload_sent_total[range()] anchored) + 0 * `+both, within(8, 26)),
		"beside the service they have its edges")
	require.Equal(t, 57.0, ask(t, s, both, run), "the run's edges wait for scrapes")
	require.Equal(t, 42.0, ask(t, s, both, within(0, 22.5)), "nothing was counted before the run's beginning")
	_, err := s.Query(t.Context(), both, within(8, 16))
	var undecided facts.Undecided
	require.ErrorAs(t, err, &undecided)
	require.Equal(t, "Prometheus scraped b 1 times in steady (8s), every 5s; let it last 15s or longer, or scrape the service itself",
		undecided.Why)
}

func TestRelayedDoubtLeavesTheClientsSeries(t *testing.T) {
	s := relay(t)
	s.Relay(Relayed{Every: 5 * time.Second, Doubt: "not read yet"})
	_, err := s.Query(t.Context(), `sum(rate(x_total[range()])) / sum(rate(brrtload_sent_total[range()]))`, run)
	require.Equal(t, facts.Undecided{Why: "not read yet"}, err)
	require.Equal(t, 30.0, ask(t, s, `increase(brrtload_sent_total[range()] anchored)`, run))
}

func TestRelayedIsKept(t *testing.T) {
	s := relay(t)
	require.NoError(t, s.Save())
	again, err := Open(s.dir)
	require.NoError(t, err)
	defer again.Close() //nolint:errcheck // it was only read
	require.Equal(t, 25.0, ask(t, again, both, within(8, 26)))
	_, err = again.Query(t.Context(), both, within(8, 16))
	require.ErrorAs(t, err, new(facts.Undecided))
}
