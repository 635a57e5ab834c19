package run

import (
	"context"
	"time"
)

// reload sends SIGHUP to the target, again and again, in the stages that ask for it. It returns
// when the load is over, or the target is.
func (r *runner) reload(ctx context.Context) {
	for _, s := range r.plan.Stages() {
		for at := s.Start + s.Reload; s.Reload > 0 && at < s.End; at += s.Reload {
			select {
			case <-time.After(time.Until(r.began.Add(at))):
			case <-ctx.Done():
				return
			}
			if r.target.Process.Hangup() != nil {
				return // it has ended, which send has seen as well
			}
			r.client.Hups.Add(1)
			r.marks.add(time.Now(), "SIGHUP: the target reloads")
		}
	}
}
