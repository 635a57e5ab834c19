//go:build linux || darwin || freebsd

#include "textflag.h"

// The goroutine descriptor begins with stack.lo, stack.hi and stackguard0.
#define G(reg) MOVQ TLS, reg; MOVQ 0(reg)(TLS*1), reg

// func bounds() (lo, hi, sp uintptr)
TEXT ·bounds(SB), NOSPLIT, $0-24
	G(AX)
	MOVQ 0(AX), CX
	MOVQ CX, lo+0(FP)
	MOVQ 8(AX), CX
	MOVQ CX, hi+8(FP)
	MOVQ SP, CX
	MOVQ CX, sp+16(FP)
	RET

// func guardAt() uintptr
TEXT ·guardAt(SB), NOSPLIT, $0-8
	G(AX)
	MOVQ 16(AX), CX
	MOVQ CX, ret+0(FP)
	RET
