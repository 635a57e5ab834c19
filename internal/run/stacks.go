package run

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"brrtload/assertions"
	"brrtload/internal/diag"
	"brrtload/internal/evidence"
	"brrtload/internal/load"
	"brrtload/internal/load/hit"
	"brrtload/internal/process"
	"brrtload/internal/quantity"
	"brrtload/internal/stacks"
)

// The series of the target's stacks, as seen from outside. Each has the size of a stack in bytes as
// the label size, and whose they are as the label kind.
const (
	seriesMappings = "brrtload_target_mappings"      // how many stacks there are
	seriesMapping  = "brrtload_target_mapping_bytes" // the size of one
	// stat (max, median): in memory or swapped
	seriesMappingResident = "brrtload_target_mapping_resident_bytes"
	// stat (max, median): used since the stack was made
	seriesStackUsed = "brrtload_target_stack_used_bytes"
	seriesStackFull = "brrtload_target_stacks_full" // stacks that were used to their last page

	// prefixes of all of these, and of no other
	stackPrefix, mappingPrefix = "brrtload_target_stack", "brrtload_target_mapping"
)

// listedEvery is after how many looks the processes of the target are listed again.
const listedEvery = 10

// observer looks at the stacks of the target's processes from outside while a run lasts. Methods
// are safe for concurrent use, and do nothing on nil.
type observer struct {
	list   func() []int // the processes
	cancel context.CancelFunc
	over   sync.WaitGroup

	look    sync.Mutex // one look at a time
	watcher *stacks.Watcher
	pids    []int
	looks   int

	mu     sync.Mutex
	sample stacks.Sample
	failed error // why nothing was seen yet
}

// observe begins to look at the stacks of the processes that list gives.
func observe(list func() []int) *observer {
	ctx, cancel := context.WithCancel(context.Background())
	o := &observer{list: list, cancel: cancel, watcher: stacks.NewWatcher()}
	o.over.Go(func() {
		for {
			cpu, again := o.now(false)
			if !again {
				return
			}
			select {
			case <-time.After(stacks.Pause(cpu)):
			case <-ctx.Done():
				return
			}
		}
	})
	return o
}

// now looks once; whole has all painted stacks read. It returns the CPU time that this took, and
// false when looking again will show no more.
func (o *observer) now(whole bool) (time.Duration, bool) {
	if o == nil {
		return 0, false
	}
	o.look.Lock()
	defer o.look.Unlock()
	sample, err := o.watcher.Look(func() []int {
		if o.looks%listedEvery == 0 || whole {
			o.pids = o.list()
		}
		return o.pids
	}, whole)
	o.looks++
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil {
		if o.sample.At.IsZero() {
			o.failed = err
		}
		return sample.CPU, false
	}
	o.sample, o.failed = sample, nil
	return sample.CPU, true
}

// close ends the looking. What was seen last is kept.
func (o *observer) close() {
	if o == nil {
		return
	}
	o.cancel()
	o.over.Wait()
	o.watcher.Close()
}

// last returns what was seen last, or why nothing was.
func (o *observer) last() (stacks.Sample, error) {
	if o == nil {
		return stacks.Sample{}, nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sample, o.failed
}

// write adds what was seen last.
func (o *observer) write(b *evidence.Batch) {
	sample, _ := o.last()
	for _, g := range sample.Groups {
		of := []string{"size", strconv.FormatInt(g.Size, 10), "kind", string(g.Kind)}
		with := func(stat string) []string { return append(slices.Clone(of), "stat", stat) }
		b.Add(named(seriesMappings, of...), float64(g.Count))
		b.Add(named(seriesMapping, of...), float64(g.Size))
		b.Add(named(seriesMappingResident, with("max")...), float64(g.Resident.Max))
		b.Add(named(seriesMappingResident, with("median")...), float64(g.Resident.Median))
		if g.Unread > 0 { // one that could not be read may be the deepest
			continue
		}
		b.Add(named(seriesStackUsed, with("max")...), float64(g.Used.Max))
		b.Add(named(seriesStackUsed, with("median")...), float64(g.Used.Median))
		b.Add(named(seriesStackFull, of...), float64(g.Full))
	}
}

// watchStacks has the stacks of the target's processes looked at, where their ids are known.
func (r *runner) watchStacks() {
	switch started, listen := r.target.Process, r.client.served.all; {
	case started != nil:
		r.client.stacks = observe(func() []int { return process.Family(started.PID()) })
	case len(listen) > 0:
		r.client.stacks = observe(func() []int { return listen })
	}
}

// noteStacks notes what was seen of stacks, and why nothing was where an assertion
// needs it. unanswered is the number of hits that had no answer.
func (r *runner) noteStacks(unanswered uint64) {
	sample, err := r.client.stacks.last()
	asked := slices.ContainsFunc(r.Assertions, asksOfStacks)
	switch {
	case !asked:
	case r.client.stacks == nil:
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
			if strings.HasPrefix(name, stackPrefix) || strings.HasPrefix(name, mappingPrefix) {
				return true
			}
		}
	}
	return false
}
