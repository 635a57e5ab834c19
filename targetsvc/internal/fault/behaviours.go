package fault

import (
	"context"
	"time"

	"brrtload/targetsvc/internal/handlers"
)

func behaviours() []Fault {
	return []Fault{
		{Name: "handler-latency", Kind: Behaviour, Value: "DURATION", Does: "every handler waits that long before it answers",
			check: isDuration, seam: seam{handler: handlerLatency}},
	}
}

func handlerLatency(s *setting, next handlers.Func) handlers.Func {
	return func(ctx context.Context, c *handlers.Call) handlers.Response {
		if d := s.duration(); d > 0 {
			timer := time.NewTimer(d)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-ctx.Done():
			}
		}
		return next(ctx, c)
	}
}
