package overhead

import "math"

// metric is something an arm uses, per block. NaN where a block does not tell.
type metric struct {
	name     string
	unit     string // "s", "B", "ratio", "" for a count
	relative bool   // whether the baseline has some of it to compare with
	of       func(d Design, b Block, arm int) float64
}

// cpuMetric names the one that decides by default.
const cpuMetric = "cpu"

// metrics are all that is compared, the deciding one first.
var metrics = []metric{
	{cpuMetric, "s", true, func(d Design, b Block, arm int) float64 { m, f := fit(d, b, arm); return m + f/d.Rate }},
	{"cpu_marginal", "s", true, func(d Design, b Block, arm int) float64 { m, _ := fit(d, b, arm); return m }},
	{"cpu_fixed", "", false, func(d Design, b Block, arm int) float64 { _, f := fit(d, b, arm); return f }},
	{"p50", "s", true, func(_ Design, b Block, arm int) float64 { return b.High.Arms[arm].P50 }},
	{"p99", "s", true, func(_ Design, b Block, arm int) float64 { return b.High.Arms[arm].P99 }},
	{"allocated", "B", true, func(_ Design, b Block, arm int) float64 { return perHit(b, arm, b.High.Arms[arm].Allocated) }},
	{"objects", "", true, func(_ Design, b Block, arm int) float64 { return perHit(b, arm, b.High.Arms[arm].Objects) }},
	{"gc", "", true, func(_ Design, b Block, arm int) float64 { return perHit(b, arm, b.High.Arms[arm].GCs) }},
	{"rss", "B", true, func(_ Design, b Block, arm int) float64 { return float64(b.High.Arms[arm].Resident) }},
	{"pss", "B", true, func(_ Design, b Block, arm int) float64 { return float64(b.High.Arms[arm].Share) }},
	{"switches", "", true, func(_ Design, b Block, arm int) float64 { return perHit(b, arm, float64(b.High.Arms[arm].Switches)) }},
	{"log", "B", false, func(_ Design, b Block, arm int) float64 { return perHit(b, arm, float64(b.High.Arms[arm].Log)) }},
	{"exposition", "B", false, func(d Design, b Block, arm int) float64 {
		return float64(b.Scrapes[arm].Bytes) / d.Interval / d.Rate
	}},
}

func metricNames() []string {
	names := make([]string, len(metrics))
	for i, m := range metrics {
		names[i] = m.name
	}
	return names
}

// fit tells an arm's marginal cost m, in CPU seconds per hit, from its fixed cost f, in CPU seconds per second. Each half of a block of length T with N hits costs C = f·T + m·N;
// the two halves are two equations. Dividing the CPU of a block by its hits would be wrong: every arm is loaded for a part of the time and pays its fixed
// cost for all of it. Scrapes are made between the halves, and counted as often as users make them.
func fit(d Design, b Block, arm int) (marginal, fixed float64) {
	high, low := b.High.Arms[arm], b.Low.Arms[arm]
	hits := float64(high.Hits)*b.Low.Seconds - float64(low.Hits)*b.High.Seconds
	if hits == 0 {
		return math.NaN(), math.NaN()
	}
	marginal = (high.CPU*b.Low.Seconds - low.CPU*b.High.Seconds) / hits
	fixed = (low.CPU - marginal*float64(low.Hits)) / b.Low.Seconds
	return marginal, fixed + b.Scrapes[arm].CPU/d.Interval
}

// perHit shares something of the high half out among its hits.
func perHit(b Block, arm int, all float64) float64 { return all / float64(b.High.Arms[arm].Hits) }
