//go:build !notelemetry

package stack

import (
	"fmt"
	"testing"
)

// BenchmarkRequest compares what the end of a request costs: without a watch, with Tick as the
// service calls it, and with a sample each time. The request itself uses about a kilobyte of stack.
func BenchmarkRequest(b *testing.B) {
	ends := []struct {
		name string
		end  func(*Watch)
	}{
		{"unwatched", func(*Watch) {}},
		{"tick64", func(w *Watch) { w.Tick(64) }},
		{"sample", (*Watch).Sample},
	}
	for _, size := range []int{8<<10 + 1, 0x4001, 32<<10 + 1} {
		for _, e := range ends {
			b.Run(fmt.Sprintf("size=%d/end=%s", size, e.name), func(b *testing.B) {
				b.ReportAllocs()
				watched(size, func(w *Watch) {
					for b.Loop() {
						dive(3)
						e.end(w)
					}
				})
			})
		}
	}
}

// BenchmarkRun is the start of a coroutine: room made, painted, and given back.
func BenchmarkRun(b *testing.B) {
	for _, size := range []int{0x4000, 0x4001} {
		b.Run(fmt.Sprintf("size=%d", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				watched(size, func(*Watch) {})
			}
		})
	}
}
