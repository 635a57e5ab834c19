//go:build (linux || darwin || freebsd) && !notelemetry

#include "textflag.h"

// REDZONE keeps away from whatever the runtime or a signal may have just below the stack pointer.
#define REDZONE 128
#define G(reg) MOVQ TLS, reg; MOVQ 0(reg)(TLS*1), reg

// func paint(from, to, cookie uintptr) (lo, hi uintptr)
TEXT ·paint(SB), NOSPLIT, $0-40
	G(DX)
	MOVQ 0(DX), R8
	MOVQ 8(DX), R9
	MOVQ R8, lo+24(FP)
	MOVQ R9, hi+32(FP)
	MOVQ cookie+16(FP), AX
	MOVQ AX, (R8)
	MOVQ SP, R10
	SUBQ $REDZONE, R10
	MOVQ to+8(FP), CX
	ADDQ R8, CX
	CMPQ CX, R10
	JLS  bounded
	MOVQ R10, CX
bounded:
	MOVQ from+0(FP), DI
	ADDQ R8, DI
	CMPQ DI, CX
	JCC  done
	SUBQ DI, CX
	SHRQ $3, CX
	MOVQ $0xDEADBEEFCAFEBABE, AX
	CLD
	REP; STOSQ
done:
	RET

// func scan(from, to uintptr) (at, lo, hi, cookie uintptr)
TEXT ·scan(SB), NOSPLIT, $0-48
	G(DX)
	MOVQ 0(DX), R8
	MOVQ 8(DX), R9
	MOVQ (R8), AX
	MOVQ R8, lo+24(FP)
	MOVQ R9, hi+32(FP)
	MOVQ AX, cookie+40(FP)
	MOVQ SP, R10
	SUBQ $REDZONE, R10
	ANDQ $~7, R10
	MOVQ to+8(FP), DI
	ADDQ R8, DI
	CMPQ DI, R10
	JLS  bounded
	MOVQ R10, DI
bounded:
	MOVQ from+0(FP), SI
	ADDQ R8, SI
	MOVQ $0xDEADBEEFCAFEBABE, BX
	MOVQ BX, X0
	PUNPCKLQDQ X0, X0
block: // 64 bytes at a time while all of them hold the canary
	LEAQ 64(SI), CX
	CMPQ CX, DI
	JHI  word
	MOVOU 0(SI), X1
	MOVOU 16(SI), X2
	MOVOU 32(SI), X3
	MOVOU 48(SI), X4
	PCMPEQL X0, X1
	PCMPEQL X0, X2
	PCMPEQL X0, X3
	PCMPEQL X0, X4
	PAND X2, X1
	PAND X4, X3
	PAND X3, X1
	PMOVMSKB X1, AX
	CMPL AX, $0xFFFF
	JNE  word
	MOVQ CX, SI
	JMP  block
word:
	CMPQ SI, DI
	JCC  done
	CMPQ (SI), BX
	JNE  done
	ADDQ $8, SI
	JMP  word
done:
	SUBQ R8, SI
	MOVQ SI, at+16(FP)
	RET
