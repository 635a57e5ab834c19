package prometheus

import (
	"maps"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/scrape"
)

// up is the series that a server makes of every scrape: 1 when it was read, 0 when it failed.
const up = "up"

// rounds puts the samples of an endpoint together to its scrapes: all samples of a scrape have its
// time. Series whose samples mostly lie elsewhere carry times of their own, or come from rules; they
// are left out.
func rounds(of []*model.SampleStream, ahead time.Duration, read *Read) []scrape.KeptRound {
	at, known := map[model.Time]int{}, false
	var all []scrape.KeptRound
	add := func(t model.Time, failed bool) {
		if _, there := at[t]; !there {
			at[t] = -1
			all = append(all, scrape.KeptRound{At: t.Time(), Failed: failed})
		}
	}
	for _, one := range of {
		if one.Metric[model.MetricNameLabel] == up {
			known = true
			for _, x := range one.Values {
				add(x.Timestamp, x.Value == 0)
			}
		}
	}
	if !known {
		for t := range common(of) {
			add(t, false)
		}
	}
	slices.SortFunc(all, func(a, b scrape.KeptRound) int { return a.At.Compare(b.At) })
	for i := range all {
		at[model.TimeFromUnixNano(all[i].At.UnixNano())] = i
		all[i].At = all[i].At.Add(-ahead).Truncate(time.Millisecond)
	}
	for _, one := range of {
		lset := labelsOf(one.Metric)
		layout := layoutOf(one.Histograms)
		astray := 0
		for _, x := range one.Values {
			if _, there := at[x.Timestamp]; !there {
				astray++
			}
		}
		if 2*astray > len(one.Values) {
			read.leave(one)
			continue
		}
		for _, x := range one.Values {
			if i, there := at[x.Timestamp]; there {
				all[i].Samples = append(all[i].Samples, scrape.KeptSample{Labels: lset, Value: float64(x.Value)})
			}
		}
		for _, x := range one.Histograms {
			if i, there := at[x.Timestamp]; there && x.Histogram != nil {
				all[i].Samples = append(all[i].Samples, scrape.KeptSample{Labels: lset, Histogram: layout.histogram(x.Histogram)})
			}
		}
	}
	return all
}

// common returns the times at which most series that are there have samples.
func common(of []*model.SampleStream) map[model.Time]int {
	count, most := map[model.Time]int{}, 0
	for _, one := range of {
		for _, x := range one.Values {
			count[x.Timestamp]++
			most = max(most, count[x.Timestamp])
		}
		for _, x := range one.Histograms {
			count[x.Timestamp]++
			most = max(most, count[x.Timestamp])
		}
	}
	maps.DeleteFunc(count, func(_ model.Time, n int) bool { return 2*n < most })
	return count
}

func labelsOf(m model.Metric) labels.Labels {
	all := make(map[string]string, len(m))
	for name, value := range m {
		all[string(name)] = string(value)
	}
	return labels.FromMap(all)
}
