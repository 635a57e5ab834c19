package judge

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
)

// suspendTraced makes inconclusive what the tool that looked at the target's memory cannot know of a
// window, and budgets that failed for no other reason than that tool, or than that it saw nothing.
//
// A tool that the target runs under slows it and adds to its memory: what is about time, rates, CPU,
// memory of the process, or hits that went wrong, is undecided, for time-outs come of slowness. A
// budget that held stands: without the tool the process is faster and smaller.
func suspendTraced(ctx context.Context, e facts.Evidence, checks []assertions.Check, list []assertions.Assertion) error {
	w, ok := e.Window(facts.Run)
	if !ok {
		return nil
	}
	t, err := tracedIn(ctx, e, w)
	if err != nil || t.tool == "" {
		return err
	}
	for i, a := range list {
		c, about := &checks[i+1], a.About()
		why := t.beyond(about, *c)
		if why == "" && about.Limits != nil && c.Verdict == assertions.Fail {
			why = t.excuse(about, *c)
		}
		if why != "" {
			c.Overrule(assertions.Inconclusive, assertions.Overruled{Cause: assertions.Traced, Text: why})
		}
	}
	return nil
}

// traced is which tool looked at the target's memory.
type traced struct {
	tool   string // empty when none did
	slowed bool
	covers string
	lost   string // why what it saw could not be read
}

func tracedIn(ctx context.Context, e facts.Evidence, w facts.Window) (t traced, err error) {
	for _, series := range []string{"brrtload_traced_by", "brrtload_traced_lost"} {
		answer, err := e.Query(ctx, "max by (tool, slowed, covers, why) (max_over_time("+series+"[range()]))", w)
		if err != nil {
			return t, err
		}
		if len(answer.Series) > 0 {
			l := answer.Series[0].Labels
			t = traced{l["tool"], l["slowed"] == "yes" || l["why"] != "" && l["tool"] != "pprof", l["covers"], l["why"]}
		}
	}
	return t, nil
}

// beyond says why the tool does not know what a check asks of its window; empty when it does. The
// last that it saw before would stand for what came since, and nothing seem to have grown.
func (t traced) beyond(a assertions.About, c assertions.Check) string {
	if t.lost != "" || t.covers == "window" || a.Window == facts.Run || !readsTraced(a) ||
		c.Verdict == assertions.NotApplicable || c.Verdict == assertions.Error {
		return ""
	}
	return fmt.Sprintf("%s knows the run as a whole, and no window in it: write `in: run`", t.tool)
}

// readsTraced reports whether an assertion reads what the tool saw.
func readsTraced(a assertions.About) bool {
	return slices.ContainsFunc(a.Queries, func(q promql.Query) bool {
		return slices.ContainsFunc(q.Metrics(), func(m string) bool { return strings.HasPrefix(m, "brrtload_traced_") })
	})
}

// excuse says why a budget that failed is undecided; empty when it is not.
func (t traced) excuse(a assertions.About, c assertions.Check) string {
	reads := readsTraced(a)
	measured := slices.ContainsFunc(c.Findings, func(f assertions.Finding) bool { return f.Measured != nil })
	switch {
	case reads && measured:
		return ""
	case reads && t.lost != "":
		return fmt.Sprintf("what %s saw could not be read (%s)", t.tool, t.lost)
	case reads:
		return fmt.Sprintf("%s recorded no such figure here", t.tool)
	case t.slowed && slowable(a):
		return fmt.Sprintf("the target ran under %s, which slows it and adds to its memory; run it without", t.tool)
	}
	return ""
}

// ofProcess matches metrics of what a process takes, and of hits that a slow one spoils.
var ofProcess = regexp.MustCompile(`(^|_)(cpu|memory|rss|resident|virtual|unexpected|gateway|dropped|unsent)(_|$)`)

// slowable reports whether a budget is about something that such a tool changes.
func slowable(a assertions.About) bool {
	q := a.Queries[0]
	return q.Timed() || q.Rated() || slices.ContainsFunc(q.Metrics(), ofProcess.MatchString)
}
