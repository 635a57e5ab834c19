package checks_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/internal/facts"
)

// histogram writes the series of a classic histogram with bounds 1 ms, 10 ms, 100 ms, +Inf: per
// second so many more up to each.
func histogram(name string, counts [4]int, sum float64) string {
	text := ""
	for i, le := range []string{"0.001", "0.01", "0.1", "+Inf"} {
		text += fmt.Sprintf("%s_bucket{le=%q} 0+%dx30\n", name, le, counts[i])
	}
	return text + fmt.Sprintf("%s_count 0+%dx30\n%s_sum 0+%vx30\n", name, counts[3], name, sum)
}

func TestAPartIsWithinTheWhole(t *testing.T) {
	// 100 answers a second, each in 2^-9 s to 2^-8 s: 2 to 4 ms.
	const client = "brrtload_service_seconds {{schema:0 sum:0 count:0}}+{{schema:0 sum:0.3 count:100 offset:-8 buckets:[100]}}x30\n"
	for name, row := range map[string]struct {
		server string
		want   string
	}{
		"faster":                     {histogram("d_seconds", [4]int{90, 100, 100, 100}, 0.1), "pass: at every bound of d_seconds, no fewer times than the client saw"},
		"a hair slower now and then": {histogram("d_seconds", [4]int{0, 99, 100, 100}, 0.3), "pass: at every bound of d_seconds, no fewer times than the client saw"},
		"in milliseconds": {histogram("d_seconds", [4]int{0, 0, 0, 100}, 300),
			"untruthful: d_seconds has 0 times up to 10 ms, but the client saw 2,000 answers within 7.81 ms: a part took longer than the whole"},
		"unanswered hits are allowed for": {histogram("d_seconds", [4]int{0, 90, 90, 90}, 0.3) + "brrtload_hits_total{outcome=\"ambiguous\"} 0+10x30",
			"pass: at every bound of d_seconds, no fewer times than the client saw"},
		"and no more": {histogram("d_seconds", [4]int{0, 80, 80, 80}, 0.24) + "brrtload_hits_total{outcome=\"ambiguous\"} 0+10x30",
			"inconclusive: 1,600 timed of 1,800 answered: 200 were not timed; leave out of outer the requests that are not timed"},
		"no histogram": {"", "does not fit: d_seconds_bucket has no series"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, []string{row.want}, stage.Judge(t, stage.New(t, client+row.server), `agreements:
  - id: a
    within: {inner: d_seconds, outer: brrtload_service_seconds, slack: 'sum(increase(brrtload_hits_total{outcome!="answered"}[range()] anchored))'}
`))
		})
	}
}

func TestAHistogramThatIsNotThereIsNotConsistent(t *testing.T) {
	e := stage.New(t, histogram("d_seconds", [4]int{10, 20, 20, 20}, 0.06))
	e.Metadata = []facts.Family{{Name: "d_seconds", Type: "histogram"}}
	require.Equal(t, []string{`does not fit: no series matches d_second in run; did you mean "d_seconds"?`}, stage.Judge(t, e, "agreements: [{id: a, histograms: [d_second]}]"))
	require.Equal(t, []string{`does not fit: no series matches wait in run`}, stage.Judge(t, e, "agreements: [{id: a, histograms: [wait]}]"))
}

func TestHistogramsAreConsistent(t *testing.T) {
	good := histogram("d_seconds", [4]int{10, 20, 20, 20}, 0.06)
	for name, row := range map[string]struct{ series, want string }{
		"all is well":              {good, "pass: d_seconds: 1 histogram consistent"},
		"the count differs":        {strings.Replace(good, "_count 0+20x30", "_count 0+19x30", 1), "untruthful: d_seconds: the last bucket has 400, the count says 380"},
		"the sum is too large":     {strings.Replace(good, "_sum 0+0.06x30", "_sum 0+60x30", 1), "untruthful: d_seconds: the sum 1,200 is not between 0.2 and 2.2, as the buckets say"},
		"the sum is too small":     {strings.Replace(good, "_sum 0+0.06x30", "_sum 0x30", 1), "untruthful: d_seconds: the sum 0 is not between 0.2 and 2.2, as the buckets say"},
		"a bucket goes backwards":  {strings.Replace(good, `le="0.1"} 0+20`, `le="0.1"} 0+15`, 1), "untruthful: d_seconds: fewer up to 0.1 (300) than below it (400)"},
		"there is no last bucket":  {strings.Replace(good, `le="+Inf"`, `le="9"`, 1), "untruthful: d_seconds: the last bucket is not +Inf"},
		"there is no sum":          {strings.Replace(good, "_sum", "_summ", 1), "untruthful: d_seconds: the sum NaN is not between 0.2 and 2.2, as the buckets say"},
		"native histograms cannot": {"d_seconds {{schema:0 sum:1 count:4 buckets:[4]}}x30", "not applicable: d_seconds has no classic buckets"},
	} {
		t.Run(name, func(t *testing.T) {
			e := stage.New(t, row.series)
			e.Metadata = []facts.Family{{Name: "d_seconds", Type: "histogram"}, {Name: "depth", Type: "gauge"}}
			require.Equal(t, []string{row.want}, stage.Judge(t, e, "agreements: [{id: a, histograms: all}]"))
			require.Equal(t, []string{row.want}, stage.Judge(t, e, "agreements: [{id: a, histograms: [d_seconds]}]"))
		})
	}
}

func TestLittlesLaw(t *testing.T) {
	const rule = "agreements: [{id: a, little: {depth: depth, wait: wait_seconds, by: handler}}]"
	// Ten samples a second for 10 s make 100: a depth that is 0 and 4 in turn has the mean 2, so
	// that 2 s are waited a second.
	waits := func(seconds, count float64) string {
		return fmt.Sprintf("wait_seconds_sum{handler=\"a\"} 0+%vx260\nwait_seconds_count{handler=\"a\"} 0+%vx260\n", seconds/10, count/10)
	}
	alternating := "depth{handler=\"a\"} " + strings.Repeat("0 4 ", 130) + "\n"
	for name, row := range map[string]struct{ series, want string }{
		"it holds":           {alternating + waits(2, 10), `pass: handler="a": mean depth 2 over 100 scrapes, 2 by the time waited`},
		"the wait lies":      {alternating + waits(4, 10), `untruthful: handler="a": mean depth 2 over 100 scrapes, 4 by the time waited: one of the two is wrong`},
		"a gauge stuck at 0": {"depth{handler=\"a\"} 0x260\n" + waits(2, 10), `untruthful: handler="a": mean depth 0 over 100 scrapes, 2 by the time waited: one of the two is wrong`},
		"hardly ever waiting": {"depth{handler=\"a\"} 0x260\n" + waits(0.001, 100),
			`not applicable: handler="a": mean depth 0 over 100 scrapes, 0.001 by the time waited: too little waiting to compare`},
		"bursts between two scrapes": {"depth{handler=\"a\"} 0x260\n" + waits(1, 200),
			`not applicable: handler="a": mean depth 0 over 100 scrapes, 1 by the time waited: too little waiting to compare`},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, []string{row.want}, stage.Judge(t, stage.NewEvery(t, "100ms", row.series), rule))
		})
	}
	t.Run("few scrapes may do", func(t *testing.T) {
		require.Equal(t, []string{`not applicable: handler="a": mean depth 2 over 10 scrapes, 2 by the time waited: too little waiting to compare`},
			stage.Judge(t, stage.New(t, alternating+"wait_seconds_sum{handler=\"a\"} 0+2x30\nwait_seconds_count{handler=\"a\"} 0+1x30"), rule))
	})
	t.Run("too few scrapes", func(t *testing.T) {
		require.Equal(t, []string{`inconclusive: handler="a": 5 scrapes are too few to know the mean depth; 10 are needed`},
			stage.Judge(t, stage.NewEvery(t, "2s", alternating+"wait_seconds_sum{handler=\"a\"} 0+2x30"), rule))
	})
}

// A queue without labels that fills and empties once: what its scrapes see is compared with what
// was waited, in the phase that is named.
func TestLittlesLawInTheBurst(t *testing.T) {
	const rule = "agreements: [{id: a, little: {depth: depth, wait: wait_seconds, in: run}}]"
	depth, waited := "depth", 0
	for n := range 81 { // every 250 ms for 20 s
		d := 0
		if n >= 40 && n <= 60 {
			d = 20 - 2*max(n-50, 50-n)
		}
		depth += fmt.Sprintf(" %d", d)
		waited += d
	}
	sum := func(seconds float64) string {
		return fmt.Sprintf("\nwait_seconds_sum 0x49 0+%vx30\nwait_seconds_count 0x49 0+4x30\n", seconds/30)
	}
	seen := float64(waited) / 4
	require.Equal(t, []string{"pass: mean depth 2.5 over 80 scrapes, 2.5 by the time waited"}, stage.Judge(t, stage.NewEvery(t, "250ms", depth+sum(seen)), rule))
	require.Equal(t, []string{"pass: mean depth 2.5 over 80 scrapes, 2.62 by the time waited"}, stage.Judge(t, stage.NewEvery(t, "250ms", depth+sum(seen*1.05)), rule))
	require.Equal(t, []string{"untruthful: mean depth 2.5 over 80 scrapes, 0.0005 by the time waited: one of the two is wrong"},
		stage.Judge(t, stage.NewEvery(t, "250ms", depth+sum(0.01)), rule), "the wait is measured from where it ends")
}

func TestClose(t *testing.T) {
	const rule = "agreements: [{id: a, close: {reported: 'increase(cpu[range()] anchored)', observed: 'increase(brrtload_cpu[range()] anchored)', tolerance: 10%, at_least: 200ms}}]"
	for name, row := range map[string]struct{ series, want string }{
		"close":                 {"cpu 0+0.5x30\nbrrtload_cpu 0+0.52x30", "pass: 10 s reported, 10.4 s observed"},
		"apart":                 {"cpu 0+0.1x30\nbrrtload_cpu 0+0.52x30", "untruthful: 2 s reported, 10.4 s observed, further apart than 10 %"},
		"just within":           {"cpu 0+0.47x30\nbrrtload_cpu 0+0.52x30", "pass: 9.4 s reported, 10.4 s observed"},
		"just beyond":           {"cpu 0+0.465x30\nbrrtload_cpu 0+0.52x30", "untruthful: 9.3 s reported, 10.4 s observed, further apart than 10 %"},
		"small figures":         {"cpu 0+0.001x30\nbrrtload_cpu 0+0.01x30", "pass: 20 ms reported, 200 ms observed"},
		"not observed":          {"cpu 0+0.1x30", "not applicable: it was not observed from outside"},
		"the service says none": {"brrtload_cpu 0+0.1x30", "not applicable: cpu is not exposed"},
		"it says several":       {"cpu{of=\"a\"} 0+0.1x30\ncpu{of=\"b\"} 0+0.1x30\nbrrtload_cpu 0+0.1x30", "untruthful: increase(cpu[range()] anchored) gives no single value"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, []string{row.want}, stage.Judge(t, stage.New(t, row.series), rule))
		})
	}
}

// One comparison for each value of a label; the observer's own error is allowed for.
func TestCloseByALabel(t *testing.T) {
	const rule = `agreements: [{id: a, close: {reported: 'sum by (h) (increase(bytes[range()] anchored))', observed: 'sum by (h) (increase(traced[range()] anchored))',
  by: h, tolerance: 10%, at_least: 50B, error: '2 * sqrt(100 * sum by (h) (increase(traced[range()] anchored)))'}}]`
	for name, row := range map[string]struct {
		series string
		want   []string
	}{
		"close": {`bytes{h="a"} 0+1000x30 bytes{h="b"} 0+100x30 traced{h="a"} 0+1100x30 traced{h="b"} 0+100x30`,
			[]string{`pass: h="a": 19.5 KiB reported, 21.5 KiB observed`, `pass: h="b": 1.95 KiB reported, 1.95 KiB observed`}},
		"doubled": {`bytes{h="a"} 0+2000x30 traced{h="a"} 0+1000x30`,
			[]string{`untruthful: h="a": 39.1 KiB reported, 19.5 KiB observed, further apart than 10 %, and 2.76 KiB that the observer may be off`}},
		"within tolerance and error": {`bytes{h="a"} 0+1240x30 traced{h="a"} 0+1000x30`, // 2,000 B and 2,828 B
			[]string{`pass: h="a": 24.2 KiB reported, 19.5 KiB observed`}},
		"beyond both": {`bytes{h="a"} 0+1244x30 traced{h="a"} 0+1000x30`,
			[]string{`untruthful: h="a": 24.3 KiB reported, 19.5 KiB observed, further apart than 10 %, and 2.76 KiB that the observer may be off`}},
		"too few samples": {`bytes{h="a"} 0+20x30 traced{h="a"} 0+10x30`,
			[]string{`not applicable: h="a": 400 B reported, 200 B observed, and the observer may be off by 283 B: too little to compare`}},
		"far beyond the error of few samples": {`bytes{h="a"} 0+90x30 traced{h="a"} 0+10x30`,
			[]string{`untruthful: h="a": 1.76 KiB reported, 200 B observed, further apart than 50 B, and 283 B that the observer may be off`}},
		"the observer saw others, too": {`bytes{h="a"} 0+1000x30 traced{h="a"} 0+1000x30 traced{h="other"} 0+9x30`,
			[]string{`pass: h="a": 19.5 KiB reported, 19.5 KiB observed`}},
		"nothing in common": {`bytes{h="a"} 0+1000x30 traced{h="other"} 0+9x30`, []string{"not applicable: no value of h was both reported and observed"}},
		"nothing traced":    {`bytes{h="a"} 0+1000x30`, []string{"not applicable: it was not observed from outside"}},
		"not exposed":       {`traced{h="a"} 0+1000x30`, []string{"not applicable: bytes is not exposed"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, row.want, stage.Judge(t, stage.New(t, strings.NewReplacer(" bytes", "\nbytes", " traced", "\ntraced").Replace(row.series)), rule))
		})
	}
}

// A peak lies on one side of what it is the peak of.
func TestCloseOnOneSide(t *testing.T) {
	rule := func(only string) string {
		return "agreements: [{id: a, close: {reported: gauge, observed: peak, tolerance: 0%, at_least: 10B, only: " + only + "}}]"
	}
	for name, row := range map[string]struct{ series, only, want string }{
		"below the peak":        {"gauge 50x30\npeak 100x30", "more", "pass: 50 B reported, 100 B observed"},
		"above the peak":        {"gauge 150x30\npeak 100x30", "more", "untruthful: 150 B reported, 100 B observed, more by over 10 B"},
		"above the least":       {"gauge 150x30\npeak 100x30", "less", "pass: 150 B reported, 100 B observed"},
		"below the least":       {"gauge 50x30\npeak 100x30", "less", "untruthful: 50 B reported, 100 B observed, less by over 10 B"},
		"less, by what is none": {"gauge 95x30\npeak 100x30", "less", "pass: 95 B reported, 100 B observed"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, []string{row.want}, stage.Judge(t, stage.New(t, row.series), rule(row.only)))
		})
	}
}

func TestBalance(t *testing.T) {
	const rule = "agreements: [{id: a, balance: spawned - destroyed - on () sum(active)}]"
	for name, row := range map[string]struct{ series, want string }{
		"even":                   {"spawned 4+1x30\ndestroyed 0+1x30\nactive{h=\"a\"} 3x30\nactive{h=\"b\"} 1x30", "pass: in balance at every scrape"},
		"off at one scrape only": {"spawned 4+1x30\ndestroyed 0+1x30\nactive{h=\"a\"} 3x9 5 3x19\nactive{h=\"b\"} 1x30", "untruthful: out of balance by up to 2"},
		"no number":              {"spawned 4+1x30\ndestroyed 0+1x30\nactive{h=\"a\"} " + strings.Repeat("NaN ", 30), "untruthful: out of balance by up to NaN"},
		"nor at one scrape":      {"spawned 4+1x30\ndestroyed 0+1x30\nactive{h=\"a\"} 4x9 NaN 4x19", "untruthful: out of balance by up to NaN"},
		"sides that never meet":  {"spawned{of=\"a\"} 4+1x30\ndestroyed 0+1x30\nactive{h=\"a\"} 4x30", "untruthful: the expression has no value"},
		"a side that is missing": {"spawned 4+1x30\nactive{h=\"a\"} 3x30", "does not fit: no series matches destroyed in run"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, []string{row.want}, stage.Judge(t, stage.New(t, row.series), rule))
		})
	}
}
