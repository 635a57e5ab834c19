package assertions

import (
	"time"

	"brrtload/internal/diag"
)

// Abort ends a run early when its budget is breached: there is no use in an hour of load on a
// service that has failed in its first minute. It is written true, false or {after: DURATION}.
type Abort struct {
	On bool `yaml:"-"`
	// After is how long the budget's window must have lasted before it may end the run; the first
	// seconds of a percentile are noise.
	After time.Duration `yaml:"after,required"`
}

// UnmarshalNode implements diag.Unmarshaler.
func (a *Abort) UnmarshalNode(n diag.Node) error {
	if n.IsScalar() {
		return n.Decode(&a.On)
	}
	type fields Abort
	a.On = true
	if err := n.Decode((*fields)(a)); err != nil {
		return err
	}
	if a.After < 0 {
		return n.Errorf("a budget ends a run after 0s or more, got %s", a.After)
	}
	return nil
}
