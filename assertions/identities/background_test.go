package identities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
)

// A run of 20 s, in which probes of one route came at 5/s; the run allows for up to 130 of them.
const (
	probed = `
brrtload_hits_total{request="buy", outcome="answered"} 0+8x25
brrtload_hits_total{request="probe", outcome="answered"} 0+1x25
brrtload_background_rate{counter="requests_total", route="probe"} 5x25
`
	steadily = `brrtload_background_most{counter="requests_total", route="probe"} 130x25
`
	byRoute = `
identities:
  - id: by-route
    client: label_replace(sum by (request) (increase(brrtload_hits_total[range()] anchored)), "route", "$1", "request", "(.+)")
    server: sum by (route, request) (label_replace(increase(requests_total[range()] anchored), "request", "$1", "route", "(.+)"))
`
	ofBuy = `
identities:
  - id: buy
    client: sum(increase(brrtload_hits_total{request="buy"}[range()] anchored))
    server: sum(increase(requests_total{route!="probe"}[range()] anchored))
`
	allRoutes = `
identities:
  - id: all
    client: sum(increase(brrtload_hits_total[range()] anchored))
    server: sum(increase(requests_total[range()] anchored))
`
)

func TestOtherTrafficIsAllowedForWhereItIsRead(t *testing.T) {
	buy, lost := "requests_total{route=\"buy\"} 0+8x25\n", "requests_total{route=\"buy\"} 0+5x25\n"
	probes, most := "requests_total{route=\"probe\"} 0+6x25\n", "requests_total{route=\"probe\"} 0+30x25\n"
	for name, row := range map[string]struct {
		series, rule string
		want         []string
	}{
		"another route is exact":       {buy + probes + steadily, ofBuy, []string{"pass: the client counted 160, the server 160"}},
		"and so is what it lost":       {lost + probes + steadily, ofBuy, []string{"untruthful: the client counted 160, the server 100"}},
		"a steady rate is an interval": {buy + probes + steadily, allRoutes, []string{"pass: the client counted 180 to 310, the server 280; up to 130 are other traffic, which moved it by 5/s before the load"}},
		"by label set": {buy + probes + steadily, byRoute, []string{
			`pass: request="buy", route="buy": the client counted 160, the server 160`,
			`pass: request="probe", route="probe": the client counted 20 to 150, the server 120; up to 130 are other traffic, which moved it by 5/s before the load`}},
		"and a lie about another set is one": {lost + probes + steadily, byRoute, []string{
			`untruthful: request="buy", route="buy": the client counted 160, the server 100`,
			`pass: request="probe", route="probe": the client counted 20 to 150, the server 120; up to 130 are other traffic, which moved it by 5/s before the load`}},
		"more than its rate adds": {buy + most + steadily, allRoutes, []string{
			`inconclusive: requests_total{route="probe"} moved by 5/s before the load: other traffic; the client counted 180, the server 760`}},
		"no steady rate": {buy + probes, allRoutes, []string{
			`inconclusive: requests_total{route="probe"} moved by 5/s before the load: other traffic; the client counted 180, the server 280`}},
		"equal all the same": {buy + "requests_total{route=\"probe\"} 0+1x25\n" + steadily, allRoutes, []string{"pass: the client counted 180, the server 180"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, row.want, stage.Judge(t, stage.New(t, probed+row.series), row.rule))
		})
	}
}

func TestWhatStillMovedAfterTheLoadIsInconclusive(t *testing.T) {
	const counted = "brrtload_hits_total 0+8x25\nrequests_total{route=\"a\"} 0+7x25\n"
	const identity = `
identities:
  - id: all
    client: sum(increase(brrtload_hits_total[range()] anchored))
    server: sum(increase(requests_total[range()] anchored))
`
	e := stage.New(t, counted+"brrtload_unsettled_rate{counter=\"requests_total\", route=\"a\"} _x19 3x5\n")
	require.Equal(t, []string{`inconclusive: requests_total{route="a"} moved by 3/s still after the load: other traffic; the client counted 160, the server 140`}, stage.Judge(t, e, identity))

	e = stage.New(t, "brrtload_hits_total 0+8x20 160x5\nrequests_total 0+7x20 160x5\n")
	require.Equal(t, []string{"inconclusive: the client counted 160, the server 140; it counted 20 more after the final scrape: it counts late"}, stage.Judge(t, e, identity))
}

func TestTwoCountsOfTheServiceInTraffic(t *testing.T) {
	const identity = `
identities: [{id: timed, other: "sum(increase(requests_total[range()] anchored))", server: "sum(increase(seconds_count[range()] anchored))"}]
`
	e := stage.New(t, "requests_total 0+8x25\nseconds_count 0+8x19 153x5\nbrrtload_background_rate{counter=\"requests_total\"} 5x25\n")
	require.Equal(t, []string{"inconclusive: requests_total moved by 5/s before the load: other traffic; requests_total counted 160, seconds_count 153"}, stage.Judge(t, e, identity))
}

func TestGaugesInTraffic(t *testing.T) {
	const returns = "returns: [{id: r, gauge: in_flight}]"
	require.Equal(t, []string{"inconclusive: 2 after the load, 1 at its baseline; other traffic moved requests_total, and may be in flight"},
		stage.Judge(t, stage.New(t, "in_flight 1x4 2x30\nbrrtload_background_most{counter=\"requests_total\"} 100x25\n"), returns))
}

// A cached exposition may show late what the service counted before the load.
func TestALaggingExpositionAtTheBaseline(t *testing.T) {
	const identity = `
identities: [{id: all, client: "sum(increase(brrtload_hits_total[range()] anchored))", server: "sum(increase(requests_total[range()] anchored))"}]
`
	const counted = "brrtload_hits_total 0+8x25\nrequests_total 0+8x19 163x5\n"
	lagging := func(lag, rested string) *stage.Stage {
		return stage.New(t, counted+"brrtload_target_cpu_seconds_total 1x25\nbrrtload_exposition_lag_seconds{endpoint=\"target\"} "+lag+"x25\nbrrtload_rested_before_load_seconds "+rested+"x25\n")
	}
	require.Equal(t, []string{"inconclusive: the client counted 160, the server 163; the exposition lags by 2 s, and the run saw only 800 ms before the load"}, stage.Judge(t, lagging("2", "0.8"), identity))
	require.Equal(t, []string{"untruthful: the client counted 160, the server 163"}, stage.Judge(t, lagging("0.5", "0.8"), identity))
}

// Hits that were cut short may have been counted, whether the identity says so or not.
func TestASurplusOfHitsThatWereCut(t *testing.T) {
	const identity = `
identities:
  - id: all
    client: sum(increase(brrtload_hits_total{outcome="answered"}[range()] anchored))
    server: sum(increase(requests_total[range()] anchored))
`
	const hits = "brrtload_target_cpu_seconds_total 1x25\nbrrtload_hits_total{outcome=\"answered\"} 0+8x25\nbrrtload_hits_total{outcome=\"cut\"} 0+1x25\n"
	require.Equal(t, []string{"inconclusive: 20 hits were sent and not answered whole, and the service may have counted them: the client counted 160, the server 180; " +
		`write ambiguous: sum(increase(brrtload_hits_total{outcome=~"ambiguous|cut"}[range()] anchored))`}, stage.Judge(t, stage.New(t, hits+"requests_total 0+9x25\n"), identity))
	require.Equal(t, []string{"untruthful: the client counted 160, the server 200"}, stage.Judge(t, stage.New(t, hits+"requests_total 0+10x25\n"), identity))
	require.Equal(t, []string{"untruthful: the client counted 160, the server 140"}, stage.Judge(t, stage.New(t, hits+"requests_total 0+7x25\n"), identity))
}
