package checks

import (
	"context"
	"fmt"

	"brrtload/assertions"
	"brrtload/internal/facts"
)

// Traced says that the tool which a scenario names saw the target's memory. Without what it saw a
// check of it has nothing to look at, and a run that was to be traced is no pass.
type Traced struct{}

// The series that are there when what the tool saw was read, and when it could not be.
const (
	tracedBy   = "brrtload_traced_by"
	tracedLost = "brrtload_traced_lost"
)

// About implements Assertion.
func (Traced) About() assertions.About {
	return assertions.About{Heading: assertions.Heading{ID: "memory-traced", Kind: "traced", Severity: assertions.Failing,
		Window: facts.Run, Metrics: []string{tracedBy},
		Why: "a run that a tool was to look at shows nothing of memory without what the tool saw"},
		Bearing: assertions.Bearing{Unasked: true}}
}

// Judge implements Assertion.
func (Traced) Judge(ctx context.Context, e facts.Evidence) ([]assertions.Finding, error) {
	w, ok := e.Window(facts.Run)
	if !ok {
		return []assertions.Finding{assertions.NoWindow(w)}, nil
	}
	for _, look := range []struct {
		series string
		found  func(map[string]string) assertions.Finding
	}{
		{tracedLost, func(l map[string]string) assertions.Finding {
			return assertions.Finding{Verdict: assertions.Inconclusive,
				Text: fmt.Sprintf("what %s saw could not be read: %s", l["tool"], l["why"])}
		}},
		{tracedBy, func(l map[string]string) assertions.Finding {
			return assertions.Finding{Text: fmt.Sprintf("%s saw the target's memory", l["tool"])}
		}},
	} {
		answer, err := e.Query(ctx, "max by (tool, why) (max_over_time("+look.series+"[range()]))", w)
		if err != nil {
			return nil, err
		}
		if len(answer.Series) > 0 {
			return []assertions.Finding{look.found(answer.Series[0].Labels)}, nil
		}
	}
	return []assertions.Finding{{Verdict: assertions.Inconclusive, Text: "the target's memory was not traced"}}, nil
}
