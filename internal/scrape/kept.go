package scrape

import (
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/facts"
)

// Kept is an endpoint as another server has scraped it and kept it.
type Kept struct {
	Name     string
	Labels   labels.Labels  // added to every series
	Added    []string       // names of labels that the server put on every series
	Families []facts.Family // their names, types, help texts and units
	Rounds   []KeptRound    // in order of time
}

// KeptRound is one scrape of it.
type KeptRound struct {
	At      time.Time
	Failed  bool
	Samples []KeptSample
}

// KeptSample is one sample of a scrape: a histogram, or a value.
type KeptSample struct {
	Labels    labels.Labels
	Value     float64
	Histogram *histogram.FloatHistogram
}

// Interval returns the usual time between two scrapes, and 0 when there are fewer than two.
func (k Kept) Interval() time.Duration {
	var apart []time.Duration
	for i := 1; i < len(k.Rounds); i++ {
		apart = append(apart, k.Rounds[i].At.Sub(k.Rounds[i-1].At))
	}
	if len(apart) == 0 {
		return 0
	}
	slices.Sort(apart)
	return apart[len(apart)/2]
}

// startedAfter reports whether the process that a scrape is of started after a moment.
func (round KeptRound) startedAfter(t time.Time) bool {
	any := false
	for _, x := range round.Samples {
		if x.Labels.Get(model.MetricNameLabel) != facts.StartTime {
			continue
		}
		if any = true; time.UnixMilli(int64(x.Value * 1000)).Before(t) {
			return false
		}
	}
	return any
}

// byMetric returns the families by the names of their series.
func (k Kept) byMetric() map[string]facts.Family {
	all := map[string]facts.Family{}
	for _, f := range k.Families {
		for _, name := range f.MetricNames() {
			all[name] = f
		}
	}
	return all
}
