#include "textflag.h"

// func load(at *[size]unsafe.Pointer, n int)
TEXT ·load(SB), NOSPLIT, $0-16
	MOVD at+0(FP), R0
	MOVD n+8(FP), R1
	LSL  $3, R1
	ADD  R0, R1
	B    more

next:
	MOVD (R0), R2
	PRFM (R2), PLDL1KEEP
	PRFM 64(R2), PLDL1KEEP
	ADD  $8, R0

more:
	CMP R1, R0
	BLO next
	RET

// func own(p unsafe.Pointer, n uintptr)
TEXT ·own(SB), NOSPLIT, $0-16
	MOVD p+0(FP), R0
	MOVD n+8(FP), R1
	ADD  R0, R1
	AND  $~63, R0
	B    more
next:
	PRFM (R0), PSTL1KEEP
	ADD  $64, R0
more:
	CMP R1, R0
	BLO next
	RET
