//go:build (linux || darwin || freebsd) && !notelemetry

#include "textflag.h"

// On arm64 the saved frame pointer lies one word below the stack pointer, so that a red zone is not caution but need.
#define REDZONE 128

// func paint(from, to, cookie uintptr) (lo, hi uintptr)
TEXT ·paint(SB), NOSPLIT|NOFRAME, $0-40
	MOVD 0(g), R0
	MOVD 8(g), R1
	MOVD R0, lo+24(FP)
	MOVD R1, hi+32(FP)
	MOVD cookie+16(FP), R2
	MOVD R2, (R0)
	MOVD RSP, R3
	SUB  $REDZONE, R3
	AND  $~7, R3
	MOVD to+8(FP), R4
	ADD  R0, R4
	CMP  R3, R4
	BLS  bounded
	MOVD R3, R4
bounded:
	MOVD from+0(FP), R5
	ADD  R0, R5
	MOVD $0xDEADBEEFCAFEBABE, R6
pair: // 16 bytes at a time
	ADD  $16, R5, R7
	CMP  R4, R7
	BHI  word
	STP.P (R6, R6), 16(R5)
	B    pair
word:
	CMP  R4, R5
	BHS  done
	MOVD.P R6, 8(R5)
	B    word
done:
	RET

// func scan(from, to uintptr) (at, lo, hi, cookie uintptr)
TEXT ·scan(SB), NOSPLIT|NOFRAME, $0-48
	MOVD 0(g), R0
	MOVD 8(g), R1
	MOVD (R0), R2
	MOVD R0, lo+24(FP)
	MOVD R1, hi+32(FP)
	MOVD R2, cookie+40(FP)
	MOVD RSP, R3
	SUB  $REDZONE, R3
	AND  $~7, R3
	MOVD to+8(FP), R4
	ADD  R0, R4
	CMP  R3, R4
	BLS  bounded
	MOVD R3, R4
bounded:
	MOVD from+0(FP), R5
	ADD  R0, R5
	MOVD $0xDEADBEEFCAFEBABE, R6
block: // 32 bytes at a time while all of them hold the canary
	ADD  $32, R5, R7
	CMP  R4, R7
	BHI  word
	LDP  0(R5), (R8, R9)
	LDP  16(R5), (R10, R11)
	EOR  R6, R8
	EOR  R6, R9
	EOR  R6, R10
	EOR  R6, R11
	ORR  R8, R9
	ORR  R10, R11
	ORR  R9, R11
	CBNZ R11, word
	MOVD R7, R5
	B    block
word:
	CMP  R4, R5
	BHS  done
	MOVD (R5), R8
	CMP  R6, R8
	BNE  done
	ADD  $8, R5
	B    word
done:
	SUB  R0, R5
	MOVD R5, at+16(FP)
	RET
