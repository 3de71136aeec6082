#include "textflag.h"

// func load(at *[size]unsafe.Pointer, n int)
TEXT ·load(SB), NOSPLIT, $0-16
	MOVQ at+0(FP), AX
	MOVQ n+8(FP), CX
	LEAQ (AX)(CX*8), CX
	JMP  more

next:
	MOVQ       (AX), DX
	PREFETCHT0 (DX)
	PREFETCHT0 64(DX)
	ADDQ       $8, AX

more:
	CMPQ AX, CX
	JB   next
	RET

// func own(p unsafe.Pointer, n uintptr)
TEXT ·own(SB), NOSPLIT, $0-16
	MOVQ p+0(FP), AX
	MOVQ n+8(FP), CX
	ADDQ AX, CX
	ANDQ $~63, AX
	JMP  more
next:
	BYTE $0x0F; BYTE $0x0D; BYTE $0x08 // PREFETCHW (AX)
	ADDQ $64, AX
more:
	CMPQ AX, CX
	JB   next
	RET
