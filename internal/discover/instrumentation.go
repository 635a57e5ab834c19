package discover

import (
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"brrtload/internal/profile"
)

// Instrumentation is a profile that fits the names that a service exposes, and what the experiment
// made of it.
type Instrumentation struct {
	*profile.Profile
	// Differs lists what the experiment found otherwise; empty when it confirmed the profile.
	Differs []string
}

// recognised returns the profile whose names fit best; nil when none fits.
func (e *experiment) recognised() *profile.Profile {
	exposed := map[string][]string{}
	for _, x := range e.series {
		name := x.Labels.Get(model.MetricNameLabel)
		has := exposed[name]
		x.Labels.Range(func(l labels.Label) {
			if !slices.Contains(has, l.Name) {
				has = append(has, l.Name)
			}
		})
		exposed[name] = has
	}
	return profile.Recognise(exposed)
}

// rows show the instrumentation and its quirks.
func (i *Instrumentation) rows() []Row {
	if i == nil {
		return []Row{{"instrumentation", "not one that is known", "names"}}
	}
	text, how := i.Title, "names, and confirmed by the experiment"
	if len(i.Differs) > 0 {
		text += "; but " + strings.Join(i.Differs, ", ")
		how = "names"
	}
	rows := []Row{{"instrumentation", text, how}}
	for _, quirk := range i.Quirks {
		rows = append(rows, Row{"known of it", quirk, "profile " + i.Name})
	}
	return rows
}
