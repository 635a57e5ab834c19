package fault

import (
	"context"
	"sync"

	"brrtload/targetsvc/internal/handlers"
)

// mostLeaked bounds what memory-leak leaves behind, in bytes.
const mostLeaked = 2 << 30

// hoard keeps memory from the collector.
type hoard struct {
	mu   sync.Mutex
	held [][]byte
	size int64
}

func (h *hoard) add(bytes int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.size += bytes; h.size <= mostLeaked {
		block := make([]byte, bytes)
		touch(block)
		h.held = append(h.held, block)
	}
}

func memoryLeak(s *setting, _ string, next handlers.Func) handlers.Func {
	return func(ctx context.Context, c *handlers.Call) handlers.Response {
		s.hoard.add(s.number)
		return next(ctx, c)
	}
}

func memoryHog(ctx context.Context, s *setting, _ Spawner) {
	s.hoard.add(s.number)
	<-ctx.Done()
}

func handlerAllocation(s *setting, _ string, next handlers.Func) handlers.Func {
	return func(ctx context.Context, c *handlers.Call) handlers.Response {
		garbage := make([]byte, s.number)
		touch(garbage)
		return next(ctx, c)
	}
}

// touch writes to each page, so that the memory is really there.
func touch(b []byte) {
	for i := 0; i < len(b); i += 4096 {
		b[i] = 1
	}
}
