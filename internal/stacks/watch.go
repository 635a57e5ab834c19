package stacks

import (
	"context"
	"errors"
	"os"
	"time"
)

// looksApart is the least time between two looks of [Watch].
const looksApart = time.Second

// Watch looks at the stacks of the processes that list gives until the context ends, ended is
// closed, or they have ended. It returns the last look with the deepest use of all. After each
// look, each is called with what is known by then; an error of it ends the watch. Any other error
// says that nothing was seen, as that of [Watcher.Look] does.
func Watch(ctx context.Context, list func() []int, ended <-chan struct{}, each func(Sample) error) (Sample, error) {
	watcher := NewWatcher()
	defer watcher.Close()
	var last Sample
	for {
		s, err := watcher.Look(list, true)
		switch {
		case err != nil && !last.At.IsZero():
			return last, nil // it has ended, or can no longer be looked at
		case err != nil:
			return last, err
		}
		last = deepest(last, s)
		if err := each(last); err != nil {
			return last, err
		}
		select {
		case <-ctx.Done(): // a look is dear, so the one before may be seconds old
			if s, err := watcher.Look(list, true); err == nil {
				last = deepest(last, s)
			}
			return last, nil
		case <-ended:
			return last, nil
		case <-time.After(max(Pause(s.CPU), looksApart)):
		}
	}
}

// Gone reports whether nothing was seen because the processes have ended.
func Gone(err error) bool { return errors.Is(err, os.ErrProcessDone) }

// deepest returns a look with the deepest use that it or the one before has.
func deepest(before, now Sample) Sample {
	for i, g := range now.Groups {
		for _, b := range before.Groups {
			if b.Size == g.Size && b.Kind == g.Kind {
				now.Groups[i].Used.Max = max(g.Used.Max, b.Used.Max)
				now.Groups[i].Resident.Max = max(g.Resident.Max, b.Resident.Max)
			}
		}
	}
	return now
}

// Unread returns how many stacks could be seen and not read.
func (s Sample) Unread() (n int) {
	for _, g := range s.Groups {
		n += g.Unread
	}
	return n
}
