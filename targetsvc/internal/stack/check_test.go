package stack

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMeasuringIsSupportedHere(t *testing.T) {
	ok, reason := Supported()
	assert.Equal(t, hasLeaves, ok, reason)
	assert.Equal(t, ok, reason == "", "a refusal has a reason")
}

func TestUnknownLayoutIsRefused(t *testing.T) {
	good := layout{lo: 0xc000100000, hi: 0xc000104000, sp: 0xc000103e00, guard: 0xc0001003a0}
	require.NoError(t, good.believable())
	for name, change := range map[string]func(*layout){
		"bounds exchanged":            func(l *layout) { l.lo, l.hi = l.hi, l.lo },
		"lower end not a word":        func(l *layout) { l.lo++ },
		"size not a power of two":     func(l *layout) { l.hi += 0x1000 },
		"size too small":              func(l *layout) { l.lo = l.hi - 1024 },
		"stack pointer below":         func(l *layout) { l.sp = l.lo - 8 },
		"stack pointer above":         func(l *layout) { l.sp = l.hi },
		"guard at the lower end":      func(l *layout) { l.guard = l.lo },
		"guard in the upper half":     func(l *layout) { l.guard = l.hi - 64 },
		"guard poisoned (preemption)": func(l *layout) { l.guard = ^uintptr(0) - 1313 },
		"all zero":                    func(l *layout) { *l = layout{} },
	} {
		t.Run(name, func(t *testing.T) {
			l := good
			change(&l)
			assert.Error(t, l.believable())
		})
	}
}

// TestBothBuildsLayTheStackOutAlike runs in the build with painting and in the one without, and
// pins the layout they share.
func TestBothBuildsLayTheStackOutAlike(t *testing.T) {
	if !hasLeaves {
		Run(0x4001, func(w *Watch) { assert.Nil(t, w) })
		return
	}
	for size, want := range map[int]int{2 << 10: 8 << 10, 0x4000: 32 << 10, 0x4001: 32 << 10, 64 << 10: 128 << 10,
		300 << 10: 512 << 10, 1 << 20: 2 << 20, MaxSize: 4 << 20} {
		done := make(chan [2]uintptr)
		go Run(size, func(*Watch) {
			lo, hi, sp := bounds()
			done <- [2]uintptr{hi - lo, sp - lo}
		})
		got := <-done
		assert.GreaterOrEqual(t, int(got[0]), want, "allocation for %d bytes; more if new goroutines begin with more", size)
		assert.GreaterOrEqual(t, int(got[1])-int(check().guard), size, "room below for %d bytes", size)
		assert.LessOrEqual(t, got[1], got[0]/4*3, "ballast above %d bytes", size)
	}
}
