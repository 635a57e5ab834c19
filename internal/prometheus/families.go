package prometheus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/facts"
)

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
