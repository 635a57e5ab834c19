package scrape

import (
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/diag"
	"brrtload/internal/facts"
)

// name is the family's name in contracts and queries: that of its series.
func (f *family) name() string {
	switch {
	case f.open && f.kind == model.MetricTypeCounter && !f.bare:
		return f.declared + "_total"
	case f.open && f.kind == model.MetricTypeInfo:
		return f.declared + "_info"
	}
	return f.declared
}

// suffixes returns the suffixes that series of a family have, and what each is.
func (f *family) suffixes() map[string]role {
	switch f.kind {
	case model.MetricTypeCounter:
		if f.open {
			return openCounter
		}
		return plainCounter
	case model.MetricTypeHistogram:
		return histogramParts
	case model.MetricTypeGaugeHistogram:
		return gaugeHistogramParts
	case model.MetricTypeSummary:
		return summaryParts
	case model.MetricTypeInfo:
		return infoParts
	}
	return plain
}

var (
	plain          = map[string]role{"": level}
	plainCounter   = map[string]role{"": cumulative}
	openCounter    = map[string]role{"_total": cumulative, "": cumulative, "_created": created}
	histogramParts = map[string]role{"": cumulative, "_bucket": cumulative, "_sum": cumulative,
		"_count": cumulative, "_created": created}
	gaugeHistogramParts = map[string]role{"": level, "_bucket": level, "_gsum": level, "_gcount": level, "_sum": level,
		"_count": level}
	summaryParts = map[string]role{"": level, "_sum": cumulative, "_count": cumulative, "_created": created}
	infoParts    = map[string]role{"": level, "_info": level}
)

// anySuffix is every suffix above, the longest first.
var anySuffix = []string{"_created", "_bucket", "_gcount", "_total", "_count", "_gsum", "_info", "_sum", ""}

// declare returns the family of that name for a TYPE, HELP or UNIT line of the scrape under way.
func (e *Endpoint) declare(name []byte) *family {
	f := e.families[string(name)]
	if f == nil {
		f = &family{declared: string(name), kind: model.MetricTypeUnknown, entries: map[*entry]struct{}{}}
		e.families[f.declared] = f
	}
	e.touch(f)
	return f
}

// touch makes the family part of the scrape under way.
func (e *Endpoint) touch(f *family) {
	if f.round != e.round {
		f.round, f.count, f.said = e.round, 0, said{}
		e.present = append(e.present, f)
	}
}

func (f *family) setType(kind model.MetricType, open bool) {
	f.said.kind = true
	if f.kind != kind || f.open != open {
		f.kind, f.open = kind, open
		f.shape++
	}
}

func (f *family) setHelp(text []byte) {
	f.said.help = true
	text = text[:min(len(text), maxHelpLength)]
	if f.help != string(text) {
		f.help = string(text)
	}
}

func (f *family) setUnit(text []byte) {
	f.said.unit = true
	if f.unit != string(text) {
		f.unit = string(text)
	}
}

// retract forgets what earlier scrapes said of the family and this one does not.
func (f *family) retract() {
	if !f.said.kind {
		f.setType(model.MetricTypeUnknown, false)
	}
	if !f.said.help {
		f.help = ""
	}
	if !f.said.unit {
		f.unit = ""
	}
}

// familyOf finds the family that a series belongs to, and its role there. A series that no TYPE
// line speaks for is a family by itself.
func (e *Endpoint) familyOf(name string) (*family, role) {
	for _, suffix := range anySuffix {
		base, found := strings.CutSuffix(name, suffix)
		if !found {
			continue
		}
		f := e.families[base]
		if f == nil || f.round != e.round {
			continue
		}
		if r, ok := f.suffixes()[suffix]; ok {
			f.bare = suffix == "" && f.open
			return f, counted(name, f.kind, r)
		}
	}
	f := e.declare([]byte(name))
	return f, counted(name, f.kind, level)
}

// counted returns the role of a series. One without a type is taken for a counter when it is called
// a total.
func counted(name string, kind model.MetricType, r role) role {
	if kind == model.MetricTypeUnknown && strings.HasSuffix(name, "_total") {
		return cumulative
	}
	return r
}

// metadata returns the families of the last scrape, for the evidence.
func (e *Endpoint) metadata() []facts.Family {
	all := make([]facts.Family, 0, len(e.present))
	for _, f := range e.present {
		f.retract()
		if f.values == nil {
			f.values = f.gather(e.own)
		}
		all = append(all, facts.Family{
			Name: f.name(), Type: string(f.kind), Help: diag.Printable(f.help), Unit: f.unit,
			Labels: f.values, Series: f.count, Added: e.added,
		})
	}
	return all
}

// gather collects the label values of the family's series, the labels that we added ourselves left
// out.
func (f *family) gather(own labels.Labels) map[string][]string {
	sets := map[string]map[string]struct{}{}
	for entry := range f.entries {
		entry.series.Labels().Range(func(l labels.Label) {
			if l.Name == model.MetricNameLabel || own.Has(l.Name) {
				return
			}
			if sets[l.Name] == nil {
				sets[l.Name] = map[string]struct{}{}
			}
			sets[l.Name][l.Value] = struct{}{}
		})
	}
	values := make(map[string][]string, len(sets))
	for name, set := range sets {
		sorted := slices.Sorted(maps.Keys(set))
		values[name] = sorted[:min(len(sorted), facts.MaxLabelValues)]
	}
	return values
}
