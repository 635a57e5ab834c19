package facts

import (
	"maps"
	"slices"
)

func (f Family) LabelNames() []string {
	names := make([]string, 0, len(f.Labels))
	for name := range f.Labels {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// names lists the metric names that the family's samples have.
func (f Family) MetricNames() []string {
	switch f.Type {
	case "histogram":
		return []string{f.Name, f.Name + "_bucket", f.Name + "_count", f.Name + "_sum"}
	case "summary":
		return []string{f.Name, f.Name + "_count", f.Name + "_sum"}
	default:
		return []string{f.Name}
	}
}

// promisable gives the family without the labels that belong to the format: bucket bounds and
// quantiles.
func (f Family) Promisable() Family {
	f.Labels = maps.Clone(f.Labels)
	switch f.Type {
	case "histogram":
		delete(f.Labels, "le")
	case "summary":
		delete(f.Labels, "quantile")
	}
	return f
}
