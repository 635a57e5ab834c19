package discover

import (
	"cmp"
	"fmt"

	"brrtload/internal/profile"
)

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
