//go:build linux || darwin || freebsd

#include "textflag.h"

// The goroutine descriptor begins with stack.lo, stack.hi and stackguard0.

// func bounds() (lo, hi, sp uintptr)
TEXT ·bounds(SB), NOSPLIT|NOFRAME, $0-24
	MOVD 0(g), R0
	MOVD R0, lo+0(FP)
	MOVD 8(g), R0
	MOVD R0, hi+8(FP)
	MOVD RSP, R0
	MOVD R0, sp+16(FP)
	RET

// func guardAt() uintptr
TEXT ·guardAt(SB), NOSPLIT|NOFRAME, $0-8
	MOVD 16(g), R0
	MOVD R0, ret+0(FP)
	RET
