package identities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/assertions/internal/stage"
	"brrtload/assertions/judge"
	"brrtload/internal/facts"
)

const hits = "brrtload_hits_total{outcome=\"answered\",status=\"200\"} 0+8x25\n"

// requestsOf are two replicas' counts of requests, and what their histograms observed.
func requestsOf(first, second, firstTimes, secondTimes string) string {
	return hits + "requests_total{status=\"200\",endpoint=\"first\"} " + first + "\n" +
		"requests_total{status=\"200\",endpoint=\"second\"} " + second + "\n" +
		"request_seconds_count{endpoint=\"first\"} " + firstTimes + "\n" +
		"request_seconds_count{endpoint=\"second\"} " + secondTimes
}

func replicasOf(endpoints ...string) (all []facts.Family) {
	for _, name := range endpoints {
		all = append(all, facts.Family{Endpoint: name, Name: "requests_total", Type: "counter", Labels: map[string][]string{"status": {"200"}}},
			facts.Family{Endpoint: name, Name: "request_seconds", Type: "histogram"},
			facts.Family{Endpoint: name, Name: "process_cpu_seconds_total", Type: "counter"})
	}
	return all
}

func TestIdentityNamesTheReplica(t *testing.T) {
	for name, row := range map[string]struct {
		series string
		want   string
	}{
		"one counts twice": {requestsOf("0+4x25", "0+8x25", "0+4x25", "0+4x25"),
			"untruthful: the client counted 160 answers with 200, the server 240; by endpoint: first 80, second 160; " +
				"second differs by +80 from its own request_seconds_count (80), and request_seconds_count agrees with the client over all endpoints"},
		"one misses some, and the balancer is not even": {requestsOf("0+5x25", "0+2x25", "0+5x25", "0+3x25"),
			"untruthful: the client counted 160 answers with 200, the server 140; by endpoint: first 100, second 40; " +
				"second differs by -20 from its own request_seconds_count (60), and request_seconds_count agrees with the client over all endpoints"},
		"nothing agrees, and one alone would explain it": {requestsOf("0+5x25", "0+6x25", "0+1x25", "0+1x25"),
			"untruthful: the client counted 160 answers with 200, the server 220; by endpoint: first 100, second 120; " +
				"it would be exact if second counted each hit twice"},
		"nothing agrees, and several would": {requestsOf("0+8x25", "0+8x25", "0+1x25", "0+1x25"),
			"untruthful: the client counted 160 answers with 200, the server 320; by endpoint: first 160, second 160"},
		"one counts nothing": {requestsOf("0+5x25", "0x25", "0x25", "0x25"),
			"untruthful: the client counted 160 answers with 200, the server 100; by endpoint: first 100, second 0; second counted none"},
		"all is well": {requestsOf("0+5x25", "0+3x25", "0x25", "0x25"),
			"pass: the client counted 160 answers with 200, the server 160"},
	} {
		t.Run(name, func(t *testing.T) {
			s := stage.New(t, row.series)
			s.Metadata = replicasOf("first", "second")
			findings, err := stage.Load(t, identity)[0].Judge(t.Context(), s)
			require.NoError(t, err)
			require.Equal(t, []string{row.want}, stage.Said(findings))
		})
	}
}

// A surplus that another metric places in one replica is no other caller's, though the service was
// not started for the run.
func TestASurplusOfOneReplicaIsNoOtherCaller(t *testing.T) {
	for name, row := range map[string]struct {
		series string
		want   assertions.Verdict
	}{
		"placed":     {requestsOf("0+4x25", "0+6x25", "0+4x25", "0+4x25"), assertions.Untruthful},
		"not placed": {requestsOf("0+4x25", "0+6x25", "0+4x25", "0+6x25"), assertions.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			s := stage.New(t, row.series+stage.Sound)
			s.Metadata = replicasOf("first", "second")
			j, err := judge.Judge(t.Context(), s, stage.Load(t, identity))
			require.NoError(t, err)
			require.Equal(t, row.want, j.Checks[1].Verdict, j.Checks[1].Reason)
		})
	}
}

// What was read from another server says over which time its counts are; a gauge that it may have
// missed is not called dead, and what needs the expositions is not asked.
func TestRelayedSeries(t *testing.T) {
	const relayed = `
brrtload_counts_beyond_hits_seconds{edge="start"} 3x25
brrtload_counts_beyond_hits_seconds{edge="end"} 4x25
brrtload_scrape_interval_seconds 5x25`
	s := stage.New(t, requestsOf("0+5x25", "0+3x25", "0x25", "0x25")+"\nin_flight{endpoint=\"first\"} 0x25"+relayed)
	s.Metadata = append(replicasOf("first", "second"), facts.Family{Endpoint: "first", Name: "in_flight", Type: "gauge"})
	list := stage.Load(t, identity+`liveness:
  - {id: alive, metric: in_flight, stimulus: 'sum(increase(brrtload_hits_total[range()] anchored))', what: hits}
expositions:
  - {id: prompt, check: timely}
  - {id: fresh, check: fresh}
  - {id: formed, check: well-formed}
`)
	want := map[string]string{
		"requests": "pass: the client counted 160 answers with 200, the server 160; Prometheus scrapes every 5 s, and the server's count is of up to 3 s before the load to 4 s after it",
		"alive":    "inconclusive: in_flight stayed 0 through 160 hits; Prometheus scrapes every 5 s, and it may have moved between two scrapes",
		"prompt":   "not applicable: the series are read from Prometheus, which scrapes every 5 s: the expositions themselves were not seen",
	}
	want["fresh"], want["formed"] = want["prompt"], want["prompt"]
	for _, a := range list {
		findings, err := a.Judge(t.Context(), s)
		require.NoError(t, err)
		require.Equal(t, []string{want[a.About().ID]}, stage.Said(findings), a.About().ID)
	}
}
