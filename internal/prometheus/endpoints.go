package prometheus

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/diag"
	"brrtload/internal/scrape"
)

// Read is what the server has of the service.
type Read struct {
	Endpoints []scrape.Kept // sorted by name; times are by our clock
	// Metric is one that all endpoints have, with few series; empty when there is none.
	Metric string
	// Left names series that matched and are of no endpoint's scrapes: results of recording rules
	// and alerts. They were left out; the first few.
	Left []string
	// Doubt is why the counts of all endpoints together need not be those of the service; empty
	// when nothing speaks against it.
	Doubt string
}

// Read returns all samples between two times by the server's clock, with the times shifted to ours.
// The samples of an endpoint are put together to the scrapes that they came from.
func (s *Server) Read(ctx context.Context, from, to time.Time, clock Clock) (Read, error) {
	all, err := s.samples(ctx, from, to)
	if err != nil {
		return Read{}, err
	}
	families, err := s.families(ctx)
	if err != nil {
		return Read{}, err
	}
	read := put(all, families, clock.Ahead)
	if len(read.Endpoints) > maxEndpoints {
		return Read{}, s.wrap(refusal{fmt.Errorf("%s matches series of %d endpoints; %d at most: narrow match", s.match,
			len(read.Endpoints), maxEndpoints)})
	}
	return read, nil
}

// key tells the endpoints of a server apart.
type key struct{ job, instance string }

func (k key) String() string { return k.job + "/" + k.instance }

// put puts series together to endpoints with their scrapes.
func put(all map[model.Fingerprint]*model.SampleStream, families map[string][]family, ahead time.Duration) Read {
	var read Read
	by := map[key][]*model.SampleStream{}
	for _, print := range slices.Sorted(maps.Keys(all)) {
		one := all[print]
		name := string(one.Metric[model.MetricNameLabel])
		of := key{string(one.Metric["job"]), string(one.Metric["instance"])}
		if of.instance == "" || strings.ContainsRune(name, ':') || name == "ALERTS" || name == "ALERTS_FOR_STATE" {
			read.leave(one)
			continue
		}
		by[of] = append(by[of], one)
	}
	jobs := map[string][]string{} // by instance
	for of := range by {
		jobs[of.instance] = append(jobs[of.instance], of.job)
	}
	for _, of := range slices.SortedFunc(maps.Keys(by), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.instance, b.instance), cmp.Compare(a.job, b.job))
	}) {
		name := of.instance
		if several := jobs[of.instance]; len(several) > 1 {
			slices.Sort(several)
			read.doubt("%s is scraped by several jobs (%s), so that its counts are there twice; put job=%q into match",
				of.instance, strings.Join(several, ", "), several[0])
			name = of.String()
		}
		if label := twice(by[of]); label != "" {
			read.doubt("the series of %s are there several times, with different values of the label %s; put one of them into match, or ask where they are deduplicated",
				name, label)
		}
		kept := scrape.Kept{Name: diag.Printable(name), Labels: labels.FromStrings("endpoint", diag.Printable(name))}
		kept.Rounds = rounds(by[of], ahead, &read)
		kept.Families = described(by[of], families)
		kept.Added = added(by[of])
		read.Endpoints = append(read.Endpoints, kept)
	}
	slices.Sort(read.Left)
	read.Metric = shared(by)
	return read
}

// shared returns the metric that all endpoints have with the fewest series: up, as a rule.
func shared(by map[key][]*model.SampleStream) string {
	series, endpoints := map[string]int{}, map[string]int{}
	for _, of := range by {
		has := map[string]bool{}
		for _, one := range of {
			name := string(one.Metric[model.MetricNameLabel])
			series[name]++
			has[name] = true
		}
		for name := range has {
			endpoints[name]++
		}
	}
	best := ""
	for _, name := range slices.Sorted(maps.Keys(series)) {
		if endpoints[name] == len(by) && (best == "" || name == up || series[name] < series[best] && best != up) {
			best = name
		}
	}
	return best
}

// added returns the labels that the server put on all series of an endpoint, sorted: those of up,
// which has no others, or else those that all series have with one value.
func added(of []*model.SampleStream) []string {
	shared := maps.Clone(of[0].Metric)
	for _, one := range of {
		if one.Metric[model.MetricNameLabel] == up {
			shared = maps.Clone(one.Metric)
			break
		}
		maps.DeleteFunc(shared, func(name model.LabelName, value model.LabelValue) bool { return one.Metric[name] != value })
	}
	var names []string
	for name := range shared {
		if name != model.MetricNameLabel {
			names = append(names, string(name))
		}
	}
	slices.Sort(names)
	return names
}

// maxLeft bounds the series that are named.
const maxLeft = 5

func (r *Read) leave(one *model.SampleStream) {
	name := diag.Printable(string(one.Metric[model.MetricNameLabel]))
	if !slices.Contains(r.Left, name) && len(r.Left) < maxLeft {
		r.Left = append(r.Left, name)
	}
}

func (r *Read) doubt(format string, args ...any) {
	if r.Doubt == "" {
		r.Doubt = diag.Printable(fmt.Sprintf(format, args...))
	}
}

// twice returns the label by which two series of up differ, and nothing where an endpoint has one
// or none: several servers scrape it, and their series were not merged.
func twice(of []*model.SampleStream) string {
	var first model.Metric
	for _, one := range of {
		switch {
		case one.Metric[model.MetricNameLabel] != up:
		case first == nil:
			first = one.Metric
		default:
			for _, name := range slices.Sorted(maps.Keys(one.Metric)) {
				if one.Metric[name] != first[name] {
					return string(name)
				}
			}
			for _, name := range slices.Sorted(maps.Keys(first)) {
				if one.Metric[name] != first[name] {
					return string(name)
				}
			}
		}
	}
	return ""
}
