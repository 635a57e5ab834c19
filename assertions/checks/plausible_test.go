package checks_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/checks"
	"brrtload/assertions/internal/stage"
	"brrtload/internal/facts"
)

// exposing returns evidence in which those families were exposed.
func exposing(t *testing.T, series string, families ...facts.Family) *stage.Stage {
	t.Helper()
	e := stage.New(t, series)
	e.Metadata = families
	return e
}

func TestValuesThatNoMeasurementGives(t *testing.T) {
	for name, row := range map[string]struct{ FamilyOf, kind, value, want string }{
		"a minimum of nothing":       {"latency_seconds_min", "gauge", "18446744073.709553", "untruthful: latency_seconds_min is 1.8446744073709553e+10, which is 2^64 ns: an integer that was not set, or went below 0"},
		"below 0 without a sign":     {"jobs", "gauge", "18446744073709551613", "untruthful: jobs is 1.8446744073709552e+19, which is 2^64: an integer that was not set, or went below 0"},
		"a duration at its end":      {"age_seconds", "gauge", "9223372036.854775", "untruthful: age_seconds is 9.223372036854774e+09, which is 2^63 ns: an integer that was not set, or went below 0"},
		"a counter below 0":          {"jobs_total", "counter", "-3", "untruthful: jobs_total is -3, and nothing can be counted below 0"},
		"a gauge below 0":            {"balance", "gauge", "-3", "pass: no value of 1 metric is the end of a type"},
		"no limit":                   {"queue_max_bytes", "gauge", "18446744073709551615", "pass: no value of 1 metric is the end of a type"},
		"the runtime's, for none":    {"go_gc_gomemlimit_bytes", "gauge", "9.223372036854776e+18", "pass: no value of 1 metric is the end of a type"},
		"a time of now":              {"started_timestamp_seconds", "gauge", "1.79e9", "pass: no value of 1 metric is the end of a type"},
		"many bytes":                 {"sent_bytes_total", "counter", "18446700000", "pass: no value of 1 metric is the end of a type"},
		"not before the first value": {"latency_seconds_min", "gauge", "18446744073.709553x9 0.2", "pass: no value of 1 metric is the end of a type"},
	} {
		t.Run(name, func(t *testing.T) {
			e := exposing(t, row.FamilyOf+" "+row.value+"x25\n", facts.Family{Name: row.FamilyOf, Type: row.kind})
			require.Equal(t, []string{row.want}, stage.Judge(t, e, "expositions: [{id: a, check: plausible}]"))
		})
	}
}

// A service may take as long for each answer, and a bucket that is as fine as usual says how long.
func TestTimesInOneFineBucketAreNoLie(t *testing.T) {
	for bounds, want := range map[[2]string]string{
		{"0.025", "0.05"}: "pass", {"0.01", "0.05"}: "untruthful", {"1e-06", "2.5e-06"}: "pass",
	} {
		quicker := kindOfHits("all", "GET", 100, -22, 0)
		require.Regexp(t, "^"+want, measured(t, "d_seconds", bounds[0], bounds[1], quicker), "%v", bounds)
	}
}

// A service may take as long each time, be quicker than its first bound, or slower than its last. Its
// bounds do not fit only if the client waited less than the bound of that bucket.
func TestASteadyServiceWithCoarseBoundsIsNoLiar(t *testing.T) {
	const seconds, milliseconds = "d_seconds", "d_milliseconds"
	quick, slow := kindOfHits("quick", "GET", 100, -8, 0), kindOfHits("slow", "GET", 100, 2, 0)
	steady := kindOfHits("steady", "GET", 100, -5, 0)
	few := func(n int) string { return kindOfHits("a", "GET", 2000-n, -8, 0) + kindOfHits("b", "GET", n, 3, 0) }
	for name, row := range map[string]struct{ metric, from, to, client, want string }{
		"quick":                            {seconds, "", "0.0001", quick, "pass"},
		"nothing takes less than 0":        {seconds, "0", "0.0001", quick, "pass"},
		"a client quicker than the bound":  {seconds, "", "0.005", quick, "untruthful"},
		"1 in 2,000 waited longer":         {seconds, "", "0.1", few(1), "untruthful"},
		"3 in 2,000 waited longer":         {seconds, "", "0.1", few(3), "pass"},
		"without answers":                  {seconds, "", "100", "", "pass"},
		"bounds of microseconds":           {seconds, "", "100", quick, "untruthful"},
		"in milliseconds":                  {milliseconds, "", "1", quick, "pass"},
		"too high a bound in milliseconds": {milliseconds, "", "5", quick, "untruthful"},
		"slow":                             {seconds, "1", "+Inf", slow, "pass"},
		"slower than the client waited":    {seconds, "1", "+Inf", quick, "untruthful"},
		"slow, without answers":            {seconds, "1", "+Inf", "", "pass"},
		"slow, in milliseconds":            {milliseconds, "1000", "+Inf", slow, "pass"},
		"steady":                           {seconds, "0.01", "0.1", steady, "pass"},
		"steady, without answers":          {seconds, "0.01", "0.1", "", "pass"},
		"a part of what the client waited": {seconds, "0.0001", "0.01", steady, "pass"},
		"more than the client waited":      {seconds, "0.1", "10", steady, "untruthful"},
		"steady, in milliseconds":          {milliseconds, "10", "100", steady, "pass"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Regexp(t, "^"+row.want, measured(t, row.metric, row.from, row.to, row.client))
		})
	}
}

// measured judges a histogram with three times a second, all of them between two bounds, or up to
// the second where the first is empty.
func measured(t *testing.T, metric, from, to, client string) string {
	t.Helper()
	text := client + fmt.Sprintf("%[1]s_count 0+3x30\n%[1]s_sum 0+0.00009x30\n", metric)
	for bound, count := range map[string]int{from: 0, to: 3, "+Inf": 3} {
		if bound != "" {
			text += fmt.Sprintf("%s_bucket{le=%q} 0+%dx30\n", metric, bound, count)
		}
	}
	e := exposing(t, text, facts.Family{Name: metric, Type: "histogram"})
	return stage.Judge(t, e, "expositions: [{id: a, check: measured}]")[0]
}

func TestWhatMeasuresNothing(t *testing.T) {
	const rule = "expositions: [{id: a, check: measured, except: ['known_.*']}]"
	const fine = "pass: every gauge is a number, and histograms tell times apart"
	gauge := func(name, value string) *stage.Stage {
		return exposing(t, name+strings.Repeat(" "+value, 26)+"\n", facts.Family{Name: name, Type: "gauge"})
	}
	require.Equal(t, []string{"untruthful: load is NaN: a budget on it neither holds nor fails"}, stage.Judge(t, gauge("load", "NaN"), rule))
	require.Equal(t, []string{"untruthful: cache_bytes is -1, and sizes and times are not below 0: leave out what is not known"}, stage.Judge(t, gauge("cache_bytes", "-1"), rule))
	require.Equal(t, []string{"untruthful: http_requests_in_flight is -2, and no fewer than none are in flight or wait"}, stage.Judge(t, gauge("http_requests_in_flight", "-2"), rule))
	require.Equal(t, []string{fine}, stage.Judge(t, gauge("queue_depth_delta", "-2"), rule))
	for _, name := range []string{"cache_max_bytes", "clock_offset_seconds", "temperature_celsius", "jvm_memory_max_bytes", "known_bytes"} {
		require.Equal(t, []string{fine}, stage.Judge(t, gauge(name, "-1"), rule), name)
	}
	times := func(name string, counts [4]int, sum float64) *stage.Stage {
		text := histogram(name, counts, sum) + kindOfHits("all", "GET", 100, -12, 0)
		return exposing(t, text, facts.Family{Name: name, Type: "histogram"})
	}
	require.Equal(t, []string{"untruthful: d_seconds: 2,000 of 2,000 times are in one bucket, up to 0.001; " +
		"a quantile of it is made of the bounds alone: choose others, or look at the unit"}, stage.Judge(t, times("d_seconds", [4]int{100, 100, 100, 100}, 0.01), rule))
	require.Contains(t, stage.Judge(t, times("d_seconds", [4]int{0, 0, 0, 100}, 900), rule)[0], "in one bucket, above 0.1;")
	require.Contains(t, stage.Judge(t, times("d_seconds", [4]int{0, 100, 100, 100}, 0.5), rule)[0], "in one bucket, between 0.001 and 0.01;")
	require.Equal(t, []string{fine}, stage.Judge(t, times("d_seconds", [4]int{90, 100, 100, 100}, 0.01), rule))
	require.Equal(t, []string{fine}, stage.Judge(t, times("d_seconds", [4]int{1, 2, 2, 2}, 0.01), rule), "too few to tell")
	require.Equal(t, []string{fine}, stage.Judge(t, times("body_bytes", [4]int{100, 100, 100, 100}, 0), rule), "sizes may all be 0")
	// Every other scrape has nothing new in the sum, though more was counted.
	d := histogram("d_seconds", [4]int{1, 3, 4, 4}, 0)
	sum, at := "d_seconds_sum", 0.0
	for n := range 31 {
		if n%2 == 0 {
			at += 0.2
		}
		sum += fmt.Sprintf(" %g", at)
	}
	d = d[:strings.Index(d, "d_seconds_sum")] + sum + "\n"
	require.Equal(t, []string{"untruthful: d_seconds: between two scrapes, 10 times, all that was observed took exactly 0: a clock that is too coarse, or none"},
		stage.Judge(t, exposing(t, d, facts.Family{Name: "d_seconds", Type: "histogram"}), rule))
}

func TestFamiliesThatNeverMoved(t *testing.T) {
	e := exposing(t, "a_total 5x30\nb_total 0+1x30\nup_down 3 4 3x28\nlevel 7x30\nbuild_info 1x30\ngo_threads 4x30\nborn_total _x9 1x20\nd_seconds_count 3x30\nd_seconds_sum 1x30\nnative_seconds {{schema:0 sum:1 count:4 buckets:[4]}}x30\n",
		facts.Family{Name: "a_total", Type: "counter"}, facts.Family{Name: "b_total", Type: "counter"}, facts.Family{Name: "up_down", Type: "gauge"},
		facts.Family{Name: "level", Type: "gauge"}, facts.Family{Name: "build_info", Type: "gauge"}, facts.Family{Name: "go_threads", Type: "gauge"},
		facts.Family{Name: "born_total", Type: "counter"}, facts.Family{Name: "d_seconds", Type: "histogram"})
	still, err := checks.Still(t.Context(), e)
	require.NoError(t, err)
	require.Equal(t, []string{"a_total", "d_seconds", "level"}, still)
}
