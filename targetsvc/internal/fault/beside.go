package fault

import (
	"context"
	"time"
)

// coroutineLeak spreads the coroutines over the second. A coroutine that cannot be started is
// counted where coroutines are.
func coroutineLeak(ctx context.Context, s *setting, spawner Spawner) {
	ticker := time.NewTicker(time.Second / time.Duration(s.number))
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			_ = spawner.Spawn("")
		case <-ctx.Done():
			return
		}
	}
}

func crash(ctx context.Context, s *setting, _ Spawner) {
	pause(ctx, time.Duration(s.number))
	if ctx.Err() == nil {
		panic("fault crash")
	}
}
