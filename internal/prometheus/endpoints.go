package prometheus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/diag"
	"brrtload/internal/facts"
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

// samples returns the series that match, with their samples in (from, to] in order of time. It asks
// for a stretch at a time, so that no answer is too large.
func (s *Server) samples(ctx context.Context, from, to time.Time) (map[model.Fingerprint]*model.SampleStream, error) {
	all := map[model.Fingerprint]*model.SampleStream{}
	stretch, read := firstStretch, 0
	for from.Before(to) {
		stretch = min(stretch, to.Sub(from))
		from = from.Add(stretch)
		answer, err := s.query(ctx, fmt.Sprintf("%s[%dms]", s.match, stretch.Milliseconds()+1), from)
		if err != nil {
			return nil, err
		}
		matrix, ok := answer.(model.Matrix)
		if !ok {
			return nil, s.wrap(fmt.Errorf("a range selector gives a %s, not a matrix: is this a Prometheus API?", answer.Type()))
		}
		now := 0
		for _, one := range matrix {
			now += len(one.Values) + len(one.Histograms)
			known := all[one.Metric.Fingerprint()]
			if known == nil {
				all[one.Metric.Fingerprint()] = one
				continue
			}
			known.Values = append(known.Values, after(known.Values, one.Values)...)
			known.Histograms = append(known.Histograms, after(known.Histograms, one.Histograms)...)
		}
		switch read += now; {
		case len(all) > MaxSeries:
			return nil, s.wrap(refusal{fmt.Errorf("%s matches more than %d series: narrow match", s.match, MaxSeries)})
		case read > maxSamples:
			return nil, s.wrap(refusal{fmt.Errorf("%s matches more than %d samples: narrow match, or make the run shorter",
				s.match, maxSamples)})
		}
		stretch = time.Duration(float64(stretch) * min(10, max(0.1, perQuery/float64(max(1, now)))))
		stretch = max(time.Second, stretch.Truncate(time.Millisecond))
	}
	return all, nil
}

// firstStretch is the first stretch of time that is asked for; the next ones follow from how much
// there was.
const firstStretch = 30 * time.Second

// stamped is a sample with a time.
type stamped interface {
	model.SamplePair | model.SampleHistogramPair
}

// after returns the samples that are newer than the last one known: two stretches share their edge.
func after[T stamped](known, more []T) []T {
	if len(known) == 0 {
		return more
	}
	last := stampOf(known[len(known)-1])
	return slices.DeleteFunc(more, func(x T) bool { return stampOf(x) <= last })
}

func stampOf[T stamped](x T) model.Time {
	switch x := any(x).(type) {
	case model.SamplePair:
		return x.Timestamp
	case model.SampleHistogramPair:
		return x.Timestamp
	}
	return 0
}

// family is what the server knows of a metric family.
type family struct {
	kind       model.MetricType
	help, unit string
}

// families returns the metadata of all families that the server knows, by name. A server without
// this part of the API has none: types then follow from names and labels.
func (s *Server) families(ctx context.Context) (map[string][]family, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, fmt.Errorf("no complete answer in %s", s.timeout))
	defer cancel()
	all, err := s.api.Metadata(ctx, "", "")
	if err != nil {
		err = s.explain(ctx, err)
		if Hopeless(err) && !errors.Is(err, errTooLarge) {
			return nil, nil
		}
		return nil, s.wrap(err)
	}
	found := make(map[string][]family, len(all))
	for name, said := range all {
		for _, one := range said {
			found[name] = append(found[name], family{model.MetricType(one.Type), one.Help, one.Unit})
		}
	}
	return found, nil
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

// described returns the families that an endpoint's series are of. What the server does not know
// follows from names and labels.
func described(of []*model.SampleStream, known map[string][]family) []facts.Family {
	has := map[string]map[string]bool{} // the labels of each name
	for _, one := range of {
		name := string(one.Metric[model.MetricNameLabel])
		if has[name] == nil {
			has[name] = map[string]bool{}
		}
		has[name][native] = has[name][native] || len(one.Histograms) > 0
		for label := range one.Metric {
			has[name][string(label)] = true
		}
	}
	found := map[string]facts.Family{}
	add := func(name, declared string, guess model.MetricType, not ...model.MetricType) {
		f := facts.Family{Name: name, Type: string(guess)}
		for _, said := range known[declared] {
			if said.kind != "" && said.kind != model.MetricTypeUnknown && !slices.Contains(not, said.kind) &&
				(guess == model.MetricTypeUnknown || said.kind == guess) {
				f.Type, f.Help, f.Unit = string(said.kind), said.help, said.unit
				break
			}
		}
		found[name] = f
	}
	for name := range has {
		base := facts.FamilyOf(name)
		total, isTotal := strings.CutSuffix(name, "_total")
		switch {
		case has[name][native]:
			add(name, name, model.MetricTypeHistogram)
		case base != name && has[base+"_bucket"][labels.BucketLabel] && has[base+"_count"] != nil:
			add(base, base, model.MetricTypeHistogram)
		case has[base]["quantile"]:
			add(base, base, model.MetricTypeSummary)
		case base != name && declares(known[base], model.MetricTypeHistogram):
			add(base, base, model.MetricTypeHistogram)
		case base != name && declares(known[base], model.MetricTypeSummary):
			add(base, base, model.MetricTypeSummary)
		case isTotal && len(known[name]) == 0: // OpenMetrics declares a counter without its suffix
			add(name, total, model.MetricTypeCounter)
		case has[name+"_total"] != nil: // and a gauge of the same name beside it
			add(name, name, model.MetricTypeUnknown, model.MetricTypeCounter)
		default:
			add(name, name, model.MetricTypeUnknown)
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b facts.Family) int { return cmp.Compare(a.Name, b.Name) })
}

// native stands among the labels of a name for "its samples are native histograms".
const native = ""

// declares reports whether a family was declared to be of a type.
func declares(of []family, kind model.MetricType) bool {
	return slices.ContainsFunc(of, func(f family) bool { return f.kind == kind })
}
