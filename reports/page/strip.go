package page

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"brrtload/assertions"
	"brrtload/internal/quantity"
	"brrtload/reports"
	"brrtload/reports/fit"
	"brrtload/reports/tables"
)

type fact struct {
	Name, Text string
	Code       bool
	After      string // what follows the text
}

// meanings say what a verdict means to who has not read the documentation.
var meanings = map[assertions.Verdict]string{
	assertions.Pass:         "Every check that had something to look at held.",
	assertions.Fail:         "The service exceeded a limit. No check found the metrics that show it wrong.",
	assertions.Untruthful:   "The metrics of the service disagree with what the client saw. Checks that depend on them are not judged.",
	assertions.Inconclusive: "The evidence cannot tell pass from fail.",
	assertions.DoesNotFit:   "An assertion asks for what the target does not expose. Correct the assertion or the target.",
	assertions.Error:        "The run could not be measured to its end.",
}

// meaning returns a sentence on the verdict; that of an experiment has its own words.
func meaning(r reports.Report) string {
	if r.Overhead != nil || r.Capacity != nil {
		return ""
	}
	text := meanings[r.Verdict]
	for _, c := range r.Checks {
		if c.ID == r.DecidedBy && c.Verdict == r.Verdict && c.Overruled != nil && remedies[c.Overruled.Cause] != "" {
			text += " " + remedies[c.Overruled.Cause]
		}
	}
	return text
}

// remedies say what to do about a cause that leaves a run undecided.
var remedies = map[assertions.Cause]string{
	assertions.Busy:        "Run it again on a quieter machine.",
	assertions.Undelivered: "Lower the rate, or run it again on a quieter machine.",
	assertions.Traced:      "Run it without the memory tool.",
	assertions.Foreign:     "Give the address of the service itself.",
}

func stripFacts(r reports.Report) []fact {
	facts := []fact{{Name: "exit status", Text: fmt.Sprint(r.Status)}}
	add := func(name, value string, code bool) {
		if value != "" {
			facts = append(facts, fact{Name: name, Text: fit.Text(value), Code: code})
		}
	}
	add("target", strings.TrimSpace(r.Target.Name+" "+r.Target.URL), true)
	if !r.Started.IsZero() {
		add("started", fmt.Sprintf("%s, took %s", r.Started.UTC().Format(time.RFC3339), quantity.Seconds(r.Seconds)),
			false)
	}
	add("its build", r.Target.Build, true)
	add("commit", r.Where.Commit, true)
	add("brrtload", r.Where.Brrtload, true)
	if r.Command == "run" || r.Command == "merge" || r.Command == "verify" {
		facts = append(facts, fact{Name: "judge the saved data again", Text: "brrtload verify .", Code: true,
			After: "in the run directory"})
		add("seed", fmt.Sprint(r.Seed), false)
	}
	return facts
}

func measuredFacts(r reports.Report) (facts []fact) {
	for _, row := range slices.Concat(tables.Circumstances(r).Rows, tables.Shards(r).Rows) {
		if cells := row.Cells; len(cells) >= 2 {
			facts = append(facts, fact{Name: cells[len(cells)-2], Text: cells[len(cells)-1]})
		}
	}
	return facts
}
