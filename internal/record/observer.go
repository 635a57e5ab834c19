package record

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"brrtload/internal/evidence"
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
	StackPrefix, MappingPrefix = "brrtload_target_stack", "brrtload_target_mapping"
)

// listedEvery is after how many looks the processes of the target are listed again.
const listedEvery = 10

// Observer looks at the stacks of the target's processes from outside while a run lasts. Methods
// are safe for concurrent use, and do nothing on nil.
type Observer struct {
	list   func() []int // the processes
	cancel context.CancelFunc
	over   sync.WaitGroup

	look    sync.Mutex // one look at a time
	watcher *stacks.Watcher
	pids    []int
	looks   int

	mu     sync.Mutex
	Sample stacks.Sample
	Failed error // why nothing was seen yet
}

// Observe begins to look at the stacks of the processes that list gives.
func Observe(list func() []int) *Observer {
	ctx, cancel := context.WithCancel(context.Background())
	o := &Observer{list: list, cancel: cancel, watcher: stacks.NewWatcher()}
	o.over.Go(func() {
		for {
			cpu, again := o.Now(false)
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

// Now looks once; whole has all painted stacks read. It returns the CPU time that this took, and
// false when looking again will show no more.
func (o *Observer) Now(whole bool) (time.Duration, bool) {
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
		if o.Sample.At.IsZero() {
			o.Failed = err
		}
		return sample.CPU, false
	}
	o.Sample, o.Failed = sample, nil
	return sample.CPU, true
}

// Close ends the looking. What was seen last is kept.
func (o *Observer) Close() {
	if o == nil {
		return
	}
	o.cancel()
	o.over.Wait()
	o.watcher.Close()
}

// Last returns what was seen last, or why nothing was.
func (o *Observer) Last() (stacks.Sample, error) {
	if o == nil {
		return stacks.Sample{}, nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.Sample, o.Failed
}

// write adds what was seen last.
func (o *Observer) write(b *evidence.Batch) {
	sample, _ := o.Last()
	for _, g := range sample.Groups {
		of := []string{"size", strconv.FormatInt(g.Size, 10), "kind", string(g.Kind)}
		with := func(stat string) []string { return append(slices.Clone(of), "stat", stat) }
		b.Add(Named(seriesMappings, of...), float64(g.Count))
		b.Add(Named(seriesMapping, of...), float64(g.Size))
		b.Add(Named(seriesMappingResident, with("max")...), float64(g.Resident.Max))
		b.Add(Named(seriesMappingResident, with("median")...), float64(g.Resident.Median))
		if g.Unread > 0 { // one that could not be read may be the deepest
			continue
		}
		b.Add(Named(seriesStackUsed, with("max")...), float64(g.Used.Max))
		b.Add(Named(seriesStackUsed, with("median")...), float64(g.Used.Median))
		b.Add(Named(seriesStackFull, of...), float64(g.Full))
	}
}
