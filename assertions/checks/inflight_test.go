package checks_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
)

// Every scrape but the first two finds hits in flight from beginning to end.
func TestAGaugeShowsWhatIsInFlight(t *testing.T) {
	const amid = "brrtload_scrapes_amid_hits_total 0 0 0+1x28\nbrrtload_in_flight_throughout_scrape 0 0 2x28\n"
	const rule = "agreements: [{id: a, in_flight: in_flight}]"
	for name, row := range map[string]struct{ series, want string }{
		"it does":                   {amid + "in_flight 0 0 3x28", "pass: in_flight was above rest in 100 % of the 18 scrapes amid hits in flight"},
		"it counts the scrape":      {amid + "in_flight 1 1 4x28", "pass: in_flight was above rest in 100 % of the 18 scrapes amid hits in flight"},
		"it is behind at times":     {amid + "in_flight 0 0" + strings.Repeat(" 0 2 0", 10), "pass: in_flight was above rest in 33.3 % of the 18 scrapes amid hits in flight"},
		"it never moves":            {amid + "in_flight 1x30", "untruthful: in_flight was never above rest in 18 scrapes amid hits in flight"},
		"it moves once":             {amid + "in_flight 0x9 3 0x20", "untruthful: in_flight was above rest in 5.55 % of the 18 scrapes amid hits in flight: it does not show what is in flight"},
		"it is not there":           {amid, "does not fit: no series matches in_flight in run"},
		"no slow request":           {"brrtload_scrapes_amid_hits_total 0x10 1x20\nin_flight 0x30", "not applicable: 1 scrapes found a hit in flight from beginning to end; 5 are needed, so add a slow request"},
		"a few that it did not see": {"brrtload_scrapes_amid_hits_total 0x9 0+1x8 8x20\nbrrtload_in_flight_throughout_scrape 0x10 1x7 0x20\nin_flight 0x12 1 0x20", "pass: in_flight was above rest in 12.5 % of the 8 scrapes amid hits in flight"},
	} {
		t.Run(name, func(t *testing.T) {
			got := stage.Judge(t, stage.New(t, row.series), rule)
			require.Len(t, got, 1)
			require.True(t, strings.HasPrefix(got[0], row.want), "%s, want %s", got[0], row.want)
		})
	}
}

// The quantiles of a summary are of the time that it looks back, and of no other.
func TestASummaryIsComparedInACalmWindow(t *testing.T) {
	const series = "d_seconds{quantile=\"0.99\"} 0x14 0.4x20\nobserved 0.1x14 0.4x20\n"
	rule := func(more string) string {
		return `agreements: [{id: a, close: {reported: 'd_seconds{quantile="0.99"}', observed: 'avg_over_time(observed[range()])', tolerance: 10%` + more + `}}]`
	}
	require.Equal(t, []string{"pass: 0.4 reported, 0.4 observed"}, stage.Judge(t, stage.New(t, series), rule(", look_back: 5s")))
	require.Equal(t, []string{"untruthful: 0.4 reported, 0.16 observed, further apart than 10 %"},
		stage.Judge(t, stage.New(t, strings.Replace(series, "0.1x14 0.4", "0.1x14 0.16", 1)), rule(", look_back: 5s")))
	require.Equal(t, []string{"not applicable: run lasts 20s, and a summary's quantiles look back 10m0s; compare them in a longer phase of steady load"},
		stage.Judge(t, stage.New(t, series), rule("")))
	require.Equal(t, []string{"not applicable: steady lasts 10s, and a summary's quantiles look back 10s; compare them in a longer phase of steady load"},
		stage.Judge(t, stage.New(t, series), rule(", in: steady, look_back: 10s")))
}

func TestAHighWaterMarkIsNoSize(t *testing.T) {
	const rule = `liveness: [{id: l, metric: used, size: size, must: be_positive, stimulus: 'sum(increase(n[range()] anchored))', what: requests}]`
	const rest = "n 0+1x30\nsize{h=\"a\"} 64x30\nsize{h=\"b\"} 32x30\n"
	const pass = "pass: used reacted to 20 requests"
	require.Equal(t, []string{pass, "untruthful: used is size, in every series, from the first scrape to the last: a size, and no measurement"},
		stage.Judge(t, stage.New(t, rest+"used{h=\"a\"} 64x30\nused{h=\"b\"} 32x30\n"), rule))
	require.Equal(t, []string{pass}, stage.Judge(t, stage.New(t, rest+"used{h=\"a\"} 64x30\nused{h=\"b\"} 31x30\n"), rule), "one of them measures")
	require.Equal(t, []string{pass}, stage.Judge(t, stage.New(t, rest+"used{h=\"a\"} 9x5 64x25\nused{h=\"b\"} 9x5 32x25\n"), rule), "they filled up")
}
