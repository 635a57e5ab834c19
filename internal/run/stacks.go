package run

import (
	"fmt"
	"slices"
	"strings"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/internal/load"
	"brrtload/internal/load/hit"
	"brrtload/internal/process"
	"brrtload/internal/quantity"
	"brrtload/internal/record"
	"brrtload/internal/stacks"
)

// watchStacks has the stacks of the target's processes looked at, where their ids are known.
func (r *runner) watchStacks() {
	switch started, listen := r.target.Process, r.client.Served.All; {
	case r.tracer.Valgrind():
	case started != nil:
		r.client.Stacks = record.Observe(func() []int { return process.Family(started.PID()) })
	case len(listen) > 0:
		r.client.Stacks = record.Observe(func() []int { return listen })
	}
}

// noteStacks notes what was seen of stacks, and why nothing was where an assertion
// needs it. unanswered is the number of hits that had no answer.
func (r *runner) noteStacks(unanswered uint64) {
	sample, err := r.client.Stacks.Last()
	asked := slices.ContainsFunc(r.Assertions, asksOfStacks)
	switch {
	case !asked:
	case r.tracer.Valgrind():
		r.note("stacks were not looked at from outside: valgrind has the threads of the target on stacks of its own")
	case r.client.Stacks == nil:
		r.note("stacks were not looked at from outside: no process of the target is known; " +
			"give its command, or run beside it")
	case err != nil:
		r.note("stacks: %v", err)
	case len(sample.Groups) == 0:
		r.note("stacks were not seen from outside: no mapping of the target has a guard below it")
	}
	for _, why := range sample.Without {
		if asked {
			r.note("stacks were not looked at: %s", why)
		}
	}
	for _, g := range sample.Groups {
		size := quantity.Bytes(float64(g.Size))
		if g.Kind == stacks.Coroutine && g.Unread == 0 {
			r.note("stacks seen from outside: %s", describe(sample.Runtime, g))
		}
		if asked && g.Unread > 0 {
			r.note("%d %s stacks of %s are wholly resident, and their content may not be read: "+
				"full or painted is unknown; let brrtload start the service, or give it CAP_SYS_PTRACE", g.Unread, g.Kind, size)
		}
		if g.Full > 0 && g.Kind != stacks.Other {
			r.note("%d of %d %s stacks of %s were used to their last page: the next call overflows%s", g.Full, g.Count,
				g.Kind, size, hung(unanswered))
		}
	}
}

// unanswered counts the hits that were sent and got no answer.
func unanswered(s load.Snapshot) (hits uint64) {
	for _, row := range s.Rows {
		if row.Outcome == hit.Ambiguous {
			hits += row.Hits
		}
	}
	return hits
}

// hung says what an overflow does to the hit that caused it.
func hung(unanswered uint64) string {
	if unanswered == 0 {
		return ""
	}
	return fmt.Sprintf("; %d hits had no answer, and a coroutine that has overflowed gives none", unanswered)
}

// describe says in a clause what a group of stacks is and how deep it was used.
func describe(runtime string, g stacks.Group) string {
	of := string(g.Kind) + " stacks"
	if g.Count == 1 {
		of = string(g.Kind) + " stack"
	}
	if runtime != "" {
		of += " (" + diag.Printable(runtime) + ")"
	}
	used := fmt.Sprintf("at most %s used, %s", quantity.Bytes(float64(g.Used.Max)),
		quantity.Share(float64(g.Used.Max)/float64(g.Size)))
	if g.Painted > 0 {
		used += fmt.Sprintf("; painted, and so wholly resident: %d", g.Painted)
	}
	return fmt.Sprintf("%d %s of %s, %s", g.Count, of, quantity.Bytes(float64(g.Size)), used)
}

// asksOfStacks reports whether an assertion reads a series of stacks.
func asksOfStacks(a assertions.Assertion) bool {
	for _, q := range a.About().Queries {
		for _, name := range q.Metrics() {
			if strings.HasPrefix(name, record.StackPrefix) || strings.HasPrefix(name, record.MappingPrefix) {
				return true
			}
		}
	}
	return false
}
