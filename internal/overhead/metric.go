package overhead

// metric is something an arm uses, per block. NaN where a block does not tell.
type metric struct {
	name     string
	unit     string // "s", "B", "ratio", "" for a count
	relative bool   // whether the baseline has some of it to compare with
	of       func(r Record, b Block, arm int) float64
}

// cpuMetric names the one that decides by default.
const cpuMetric = "cpu"

// metrics are all that is compared, the deciding one first.
var metrics = []metric{
	{cpuMetric, "s", true, func(r Record, b Block, arm int) float64 {
		marginal, fixed := fit(r, b, arm)
		return marginal + fixed/r.Design.Rate
	}},
	{"cores", "cores", true, func(r Record, b Block, arm int) float64 { m, f := fit(r, b, arm); return m*r.Design.Rate + f }},
	{"cpu_marginal", "s", true, func(r Record, b Block, arm int) float64 { m, _ := fit(r, b, arm); return m }},
	{"cpu_fixed", "s", false, func(r Record, b Block, arm int) float64 { _, f := fit(r, b, arm); return f }},
	{"p50", "s", true, func(_ Record, b Block, arm int) float64 { return b.Arms[arm].P50 }},
	{"p99", "s", true, func(_ Record, b Block, arm int) float64 { return b.Arms[arm].P99 }},
	{"allocated", "B", true, func(_ Record, b Block, arm int) float64 { return perHit(b, arm, b.Arms[arm].Allocated) }},
	{"objects", "", true, func(_ Record, b Block, arm int) float64 { return perHit(b, arm, b.Arms[arm].Objects) }},
	{"gc", "", true, func(_ Record, b Block, arm int) float64 { return perHit(b, arm, b.Arms[arm].GCs) }},
	{"rss", "B", true, func(_ Record, b Block, arm int) float64 { return float64(b.Arms[arm].Resident) }},
	{"pss", "B", true, func(_ Record, b Block, arm int) float64 { return float64(b.Arms[arm].Share) }},
	{"switches", "", true, func(_ Record, b Block, arm int) float64 { return perHit(b, arm, float64(b.Arms[arm].Switches)) }},
	{"log", "B", false, func(_ Record, b Block, arm int) float64 { return perHit(b, arm, float64(b.Arms[arm].Log)) }},
	{"log_lines", "", false, func(_ Record, b Block, arm int) float64 { return perHit(b, arm, float64(b.Arms[arm].Lines)) }},
	{"otlp", "B", false, func(_ Record, b Block, arm int) float64 { return perHit(b, arm, float64(b.Arms[arm].OTLP)) }},
	{"spans", "", false, func(_ Record, b Block, arm int) float64 { return perHit(b, arm, float64(b.Arms[arm].Spans)) }},
	{"scrape", "B", false, func(r Record, b Block, arm int) float64 { return perScrape(r, float64(b.Scrapes[arm].Bytes)) }},
	{"samples", "", false, func(r Record, b Block, arm int) float64 { return perScrape(r, float64(b.Scrapes[arm].Samples)) }},
}

func metricNames() []string {
	names := make([]string, len(metrics))
	for i, m := range metrics {
		names[i] = m.name
	}
	return names
}

// fit separates an arm's marginal cost m, in CPU seconds per hit, from its fixed cost f, in CPU
// seconds per second. A block of length T with N hits costs C = f·T + m·N, and a rest, which has no
// hits, tells f: two rates, of which one is 0. Scrapes are made between the blocks, and counted as
// often as users make them.
func fit(r Record, b Block, arm int) (marginal, fixed float64) {
	m := b.Arms[arm]
	idle := r.idle(b.Session, arm)
	return (m.CPU - idle*b.Length) / float64(m.Hits), idle + b.Scrapes[arm].CPU/r.Design.Interval
}

// idle returns what an arm uses without hits, in CPU seconds per second: as its session's rest
// shows, or the others' where a session ended without one.
func (r Record) idle(session, arm int) float64 {
	var used, time float64
	for _, rest := range r.Rests {
		if rest.Session == session {
			return rest.CPU[arm] / rest.Seconds
		}
		used, time = used+rest.CPU[arm], time+rest.Seconds
	}
	if time == 0 {
		return 0
	}
	return used / time
}

// perHit shares something of a block out among its hits.
func perHit(b Block, arm int, all float64) float64 { return all / float64(b.Arms[arm].Hits) }

// perScrape shares something of a scrape out among the hits that come between two.
func perScrape(r Record, all float64) float64 { return all / r.Design.Interval / r.Design.Rate }
