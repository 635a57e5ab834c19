package discover

import (
	"cmp"
	"fmt"
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

// confirmed holds a profile to what was learned.
func (l *Learned) confirmed(p *profile.Profile) *Instrumentation {
	if p == nil {
		return nil
	}
	i := &Instrumentation{Profile: p}
	differs := func(what, learned, said string) {
		if learned != said {
			i.Differs = append(i.Differs, fmt.Sprintf("%s is %s, not %s", what, orNone(learned), orNone(said)))
		}
	}
	switch {
	case l.Turns:
		i.Differs = append(i.Differs, "several processes answer in turn")
	case l.Counter == nil:
		i.Differs = append(i.Differs, p.Counter+" did not count the requests")
	default:
		differs("counter", l.Counter.Name, p.Counter)
		differs("label of the status", l.Counter.Status, p.Status)
		if p.Status != "" {
			differs("form of the status", string(l.Counter.Form), string(cmp.Or(p.Form, profile.Codes)))
		}
	}
	if l.Duration != nil && p.Histogram != "" {
		differs("histogram", l.Duration.Family, p.Histogram)
		differs("unit", l.Duration.Unit, string(cmp.Or(p.Unit, profile.Seconds)))
	}
	return i
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
