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
	ADDQ       $8, AX

more:
	CMPQ AX, CX
	JB   next
	RET
