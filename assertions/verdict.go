package assertions

import "fmt"

// Verdict is what a judgement says of an assertion, or of a whole run.
type Verdict int

// The verdicts, from the best to the one that must be shown first. Combining verdicts takes the
// worst; see [Verdict.Worse].
const (
	// there was nothing to hold: it neither held nor failed; never the verdict of a run
	NotApplicable Verdict = iota - 1
	Pass                  // it held
	Inconclusive          // the evidence cannot tell
	DoesNotFit            // it asks for what is not there: a name, a label, a value
	Fail                  // it did not hold
	Untruthful            // the telemetry it rests on was shown not to tell the truth
	Error                 // we could not look
)

// Verdicts are all of them, from the best to the worst.
var Verdicts = []Verdict{NotApplicable, Pass, Inconclusive, DoesNotFit, Fail, Untruthful, Error}

var verdictNames = map[Verdict]string{NotApplicable: "not applicable", Pass: "pass", Inconclusive: "inconclusive",
	DoesNotFit: "does not fit", Fail: "fail",
	Untruthful: "untruthful", Error: "error"}

// String returns the verdict's name, as it stands in reports.
func (v Verdict) String() string { return verdictNames[v] }

// MarshalText implements encoding.TextMarshaler.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (v *Verdict) UnmarshalText(text []byte) error {
	for verdict, name := range verdictNames {
		if name == string(text) {
			*v = verdict
			return nil
		}
	}
	return fmt.Errorf("unknown verdict %q", text)
}

// Worse returns the verdict that must be shown of the two.
func (v Verdict) Worse(w Verdict) Verdict { return max(v, w) }
