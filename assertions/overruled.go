package assertions

import (
	"encoding/json"
	"fmt"
)

// Overruled is why a check has another verdict than the one that it came to by itself.
type Overruled struct {
	Cause  Cause   `json:"cause"`            // "rests on", "compares with", "load", "machine", "traced" or "foreign"
	By     string  `json:"by,omitempty"`     // the id of the check that overruled this one
	Metric string  `json:"metric,omitempty"` // the metric that by found untruthful
	Text   string  `json:"text,omitempty"`   // the cause in a sentence, where by and metric do not say it
	Own    Verdict `json:"own"`              // the verdict that the check came to by itself
	Reason string  `json:"reason"`           // and why
}

// Cause is a kind of reason for overruling a check.
type Cause string

// The causes.
const (
	RestsOn      Cause = "rests on"      // a metric that another check found untruthful
	ComparesWith Cause = "compares with" // such a metric
	Undelivered  Cause = "load"          // the load was not delivered as planned, or late
	Busy         Cause = "machine"       // other processes used the machine
	Traced       Cause = "traced"        // the tool that looked at the target's memory, or saw nothing of it
	Foreign      Cause = "foreign"       // something else than the target answered
)

// Accuses reports whether another check's finding about a metric is the cause.
func (o *Overruled) Accuses() bool {
	return o != nil && (o.Cause == RestsOn || o.Cause == ComparesWith)
}

// Sentence returns the cause in a sentence, without what the check found by itself.
func (o *Overruled) Sentence() string {
	if o.Accuses() {
		return fmt.Sprintf("%s %s, which %s found untruthful", o.Cause, o.Metric, o.By)
	}
	return o.Text
}

// Overrule gives the check a verdict that is not its own.
func (c *Check) Overrule(v Verdict, o Overruled) {
	o.Own, o.Reason = c.Verdict, c.Sentence()
	c.Verdict, c.Overruled = v, &o
}

// Sentence returns the reason of the check's verdict as reports show it.
func (c Check) Sentence() string {
	o := c.Overruled
	switch {
	case o == nil:
		return c.Reason
	case o.Cause == Foreign: // what was found by itself is of something else
		return o.Sentence()
	case o.Cause == ComparesWith:
		return fmt.Sprintf("%s; by itself: %s", o.Sentence(), o.Reason)
	default:
		return fmt.Sprintf("%s; by itself: %s, %s", o.Sentence(), o.Own, o.Reason)
	}
}

// MarshalJSON implements json.Marshaler: the reason is the whole sentence, for readers of
// result.json.
func (c Check) MarshalJSON() ([]byte, error) {
	type fields Check
	f := fields(c)
	f.Reason = c.Sentence()
	return json.Marshal(f)
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *Check) UnmarshalJSON(text []byte) error {
	type fields Check
	if err := json.Unmarshal(text, (*fields)(c)); err != nil {
		return err
	}
	if c.Overruled != nil {
		c.Reason = c.Overruled.Reason
	}
	return nil
}
