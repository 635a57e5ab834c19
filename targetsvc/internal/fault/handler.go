package fault

import (
	"context"
	"time"

	"brrtload/targetsvc/internal/cpu"
	"brrtload/targetsvc/internal/handlers"
)

// pause waits, or until the client has left.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func handlerLatency(s *setting, _ string, next handlers.Func) handlers.Func {
	return func(ctx context.Context, c *handlers.Call) handlers.Response {
		pause(ctx, time.Duration(s.number))
		return next(ctx, c)
	}
}

// handlerCPU burns what is asked on average, to the nanosecond: what one call uses too much, a
// later one is spared.
func handlerCPU(s *setting, _ string, next handlers.Func) handlers.Func {
	return func(ctx context.Context, c *handlers.Call) handlers.Response {
		owed := s.owed.Add(s.number)
		s.owed.Add(-int64(cpu.Burn(ctx, time.Duration(owed))))
		return next(ctx, c)
	}
}

func deepRecursion(s *setting, _ string, next handlers.Func) handlers.Func {
	return func(ctx context.Context, c *handlers.Call) handlers.Response {
		recurse(int(s.number))
		return next(ctx, c)
	}
}

// recurse uses at least that many bytes of stack; each frame is a little larger than its array.
//
//go:noinline
func recurse(bytes int) byte {
	var frame [256]byte
	frame[bytes&255] = byte(bytes)
	if bytes > len(frame) {
		frame[0] += recurse(bytes - len(frame))
	}
	return frame[0] + frame[bytes&255]
}

func stalledCoroutine(s *setting, name string, next handlers.Func) handlers.Func {
	if name != s.text {
		return next
	}
	return func(ctx context.Context, c *handlers.Call) handlers.Response {
		if s.calls.Add(1) == 1 {
			<-s.ctx.Done()
		}
		return next(ctx, c)
	}
}

func panicEveryNth(s *setting, _ string, next handlers.Func) handlers.Func {
	return func(ctx context.Context, c *handlers.Call) handlers.Response {
		if s.everyNth() {
			panic("fault panic-every-nth")
		}
		return next(ctx, c)
	}
}
