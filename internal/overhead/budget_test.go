package overhead

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
)

func TestBudgetsAreReadAsPeopleWriteThem(t *testing.T) {
	b, err := ParseBudget(`overhead.cpu: "< 5%"`)
	require.NoError(t, err)
	require.Equal(t, Budget{Metric: "cpu", Limit: 0.05, Share: true, Text: "< 5%"}, b)
	b, err = ParseBudget("cpu < 3us")
	require.NoError(t, err)
	require.InDelta(t, 3e-6, b.Limit, 1e-12)
	b, err = ParseBudget("cpu ± 1%")
	require.NoError(t, err)
	require.True(t, b.Band)
	for _, wrong := range []string{"cpu", "cpus < 5%", "cpu < 5MB", "cpu < -1%", "log < 5%"} {
		_, err := ParseBudget(wrong)
		require.Error(t, err, wrong)
	}
}

// made is a record of blocks, each of a start of its own, in which the candidate costs a share more
// than 100 µs a hit, and a fixed 5 ms a second beside.
func made(blocks int, over float64) Record {
	r := Record{Version: recordVersion, Design: Design{Arms: make([]Arm, 3), Rate: 1000, Interval: 15, Fixed: blocks}}
	const fixed, length, hits = 0.005, 3.0, 1000
	for i := range blocks {
		b := Block{Session: i, Seconds: float64(6 * i), Length: length, Scrapes: make([]Scrape, 3)}
		for arm := range 3 {
			cost := 100e-6 * (1 + 0.001*float64((i*7+arm*3)%5-2))
			if arm == candidateArm {
				cost *= 1 + over
			}
			b.Arms = append(b.Arms, Measurement{Planned: hits, Hits: hits, Answers: map[string]uint64{"get 200": hits}, CPU: fixed*length + cost*hits, P50: 1e-3, P99: 2e-3})
		}
		r.Blocks = append(r.Blocks, b)
		r.Rests = append(r.Rests, Rest{Session: i, Seconds: 2, CPU: []float64{fixed * 2, fixed * 2, fixed * 2}})
	}
	return r
}

// costlier makes the candidate of block i need this many times the CPU.
func costlier(r *Record, times func(i int) float64) {
	for i := range r.Blocks {
		r.Blocks[i].Arms[candidateArm].CPU *= times(i)
	}
}

func TestMarginalAndFixedCostAreToldApart(t *testing.T) {
	r := made(1, 0)
	marginal, fixed := fit(r, r.Blocks[0], 0)
	require.InDelta(t, 100e-6*0.998, marginal, 1e-9)
	require.InDelta(t, 0.005, fixed, 1e-9)
}

// Whoever looks for CPU must not miss that the candidate takes eight times the memory.
func TestTheHeadlineNamesAMultipleOfMemoryOrLatency(t *testing.T) {
	memory := func(times float64) Record {
		r := made(20, 0.02)
		costlier(&r, func(i int) float64 { return 1 + 0.02*float64((i*3)%7-3) })
		r.Budgets = []Budget{{Metric: "cpu", Limit: 0.02, Share: true, Text: "< 2%"}} // which is inside the interval
		for i := range r.Blocks {
			for arm := range r.Blocks[i].Arms {
				r.Blocks[i].Arms[arm].Resident = int64(32<<20 + (i*7+arm*3)%5<<10)
			}
			r.Blocks[i].Arms[candidateArm].Resident = int64(float64(r.Blocks[i].Arms[candidateArm].Resident) * times)
		}
		return r
	}
	o := Summarize(memory(8.5))
	require.Equal(t, Inconclusive, o.Verdict)
	require.Regexp(t, `inside the interval.*; rss is × 8\.5 \[8\.\d+, 8\.\d+\]$`, o.Reason)
	require.NotContains(t, Summarize(memory(1.9)).Reason, "rss")
	require.Contains(t, Summarize(memory(0.3)).Reason, "; rss is × 0.3 [")
	r := made(20, 0)
	for i := range r.Blocks {
		r.Blocks[i].Arms[candidateArm].P99 *= 3
	}
	require.Regexp(t, `^CPU per hit .*; p99 is × 3 \[3, 3\]$`, Summarize(r).Reason)
}

func TestVerdicts(t *testing.T) {
	five := Budget{Metric: "cpu", Limit: 0.05, Share: true, Text: "< 5%"}
	rows := []struct {
		name, verdict string
		change        func(*Record)
		status        assertions.Verdict
	}{
		{"below the budget", Within, func(*Record) {}, assertions.Pass},
		{"above it", Over, func(r *Record) { *r = made(20, 0.2); r.Budgets = []Budget{five} }, assertions.Fail},
		{"inside a band", Equivalent, func(r *Record) { r.Budgets[0].Band = true }, assertions.Pass},
		{"too few starts", Inconclusive, func(r *Record) { r.Blocks = r.Blocks[:7] }, assertions.Inconclusive},
		{"an objection", Void, func(r *Record) { r.Objections = []string{"swapped"} }, assertions.Untruthful},
		{"other answers", Void, func(r *Record) { r.Blocks[3].Arms[2].Answers = map[string]uint64{"get 500": 1000} }, assertions.Untruthful},
		{"unfit blocks", Unfit, func(r *Record) {
			for i := range 6 {
				r.Blocks[i].Unfit = "a busy neighbour"
			}
		}, assertions.Inconclusive},
		{"a twin that differs", Unfit, func(r *Record) {
			for i := range r.Blocks {
				r.Blocks[i].Arms[twinArm].CPU *= 1.1
			}
		}, assertions.Inconclusive},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := made(20, 0.02)
			r.Budgets = []Budget{five}
			row.change(&r)
			o, j := Judge(r)
			require.Equal(t, row.verdict, o.Verdict, o.Reason)
			require.Equal(t, row.status, j.Verdict)
		})
	}
}

// An objection ends an experiment, so that it is said even of one whose blocks cannot be used.
func TestWhatEndedAnUnfitExperimentIsSaid(t *testing.T) {
	r := made(1, 0.02)
	r.Blocks[0].Unfit, r.Objections = "a busy neighbour", []string{"its log lacks a line"}
	o, _ := Judge(r)
	require.Equal(t, Unfit, o.Verdict)
	require.Equal(t, "1 of 1 blocks could not be used: a busy neighbour; besides, its log lacks a line", o.Reason)
}

func TestABudgetHasAsManySamplesAsStartsWereMeasured(t *testing.T) {
	r := made(40, 0.02)
	for i := range r.Blocks {
		r.Blocks[i].Session = i / 2
		r.Blocks[i].Arms[twinArm].CPU = r.Blocks[i].Arms[0].CPU
	}
	r.Budgets = []Budget{{Metric: "cpu", Share: true, Limit: 0.5}}
	o, j := Judge(r)
	require.Equal(t, 40, o.Blocks)
	require.Equal(t, 20/o.Factor, j.Checks[0].Findings[0].Samples, o.Reason)
}

func TestBlocksThatAreNoFairSampleDecideNothing(t *testing.T) {
	for says, change := range map[string]func(*Record){
		"neighbouring starts resemble each other": func(r *Record) {
			costlier(r, func(i int) float64 { return 1 + 0.005*math.Abs(float64(i)-9.5) })
		},
		// up and down from block to block, so that neighbours are unlike, and up on the whole
		"the ratio drifts with time": func(r *Record) {
			costlier(r, func(i int) float64 { return 1 + 0.001*float64(i) + 0.013*float64(i%2) })
		},
		"4 starts of the arms are too few; 8 are the least": func(r *Record) {
			for i := range r.Blocks {
				r.Blocks[i].Session = i / 5
			}
		},
	} {
		r := made(20, 0.02)
		dice := rand.New(rand.NewPCG(1, 1))
		for _, b := range r.Blocks {
			for arm := range b.Arms {
				b.Arms[arm].CPU *= 1 + 0.002*dice.NormFloat64()
			}
		}
		r.Budgets = []Budget{{Metric: "cpu", Limit: 0.5, Share: true, Text: "< 50%"}}
		before, _ := Judge(r)
		require.Equal(t, Within, before.Verdict, before.Reason)
		change(&r)
		o, j := Judge(r)
		require.Contains(t, o.Reason, says)
		require.Equal(t, Inconclusive, o.Verdict)
		require.Equal(t, assertions.Inconclusive, j.Verdict)
	}
}

// What a start draws, all its blocks have: however many there are, they tell no more of it.
func TestAStartIsTheUnitAndABlockIsNone(t *testing.T) {
	const starts, each, repetitions, truth = 8, 3, 2000, 0.02
	covered := 0
	for i := range repetitions {
		dice := rand.New(rand.NewPCG(3, uint64(i)))
		r := made(starts*each, truth)
		drawn := make([]float64, starts)
		for s := range drawn {
			drawn[s] = 1 + 0.03*dice.NormFloat64()
		}
		for i := range r.Blocks {
			r.Blocks[i].Session = i / each
		}
		costlier(&r, func(i int) float64 { return drawn[i/each] * (1 + 0.02*dice.NormFloat64()) })
		a := analyse(r)
		e := a.estimate(a.ratios(metrics[1], candidateArm))
		require.Equal(t, starts, e.N)
		if a.at(e, 0.05).Contains(math.Log(1 + truth)) {
			covered++
		}
	}
	require.InDelta(t, 0.95, float64(covered)/repetitions, 0.02)
}

func TestARecordIsJudgedAgainToTheSame(t *testing.T) {
	dir := t.TempDir()
	r := made(20, 0.02)
	require.NoError(t, r.Write(dir))
	again, err := ReadRecord(dir)
	require.NoError(t, err)
	require.Equal(t, Summarize(r), Summarize(again))
}
