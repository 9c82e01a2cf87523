//go:build amd64 && !purego

#include "textflag.h"

// PLACE writes the place of the lowest bit of DX, to the offset off of DI, and
// clears the bit. Without a bit it writes what nobody reads.
#define PLACE(off) \
	TZCNTQ DX, R10 \
	BLSRQ DX, DX \
	ADDL AX, R10 \
	MOVL R10, off(DI)

#define EIGHT \
	PLACE(0) \
	PLACE(4) \
	PLACE(8) \
	PLACE(12) \
	PLACE(16) \
	PLACE(20) \
	PLACE(24) \
	PLACE(28)

// func positionsBMI(starts *uint64, words int, pos *uint32) (n int)
//
// It writes eight at a time: words of Latin text mostly have nine to sixteen bits,
// those of other scripts fewer, so that the jumps are foreseen.
TEXT ·positionsBMI(SB), NOSPLIT, $0-32
	MOVQ starts+0(FP), SI
	MOVQ words+8(FP), CX
	MOVQ pos+16(FP), DI
	MOVQ DI, R8
	XORL AX, AX             // the place of the word's first bit
	TESTQ CX, CX
	JZ done

loop:
	MOVQ (SI), DX
	POPCNTQ DX, BX
	LEAQ (DI)(BX*4), R9

more:
	EIGHT
	ADDQ $32, DI
	SUBQ $8, BX
	JGT more
	MOVQ R9, DI
	ADDQ $8, SI
	ADDL $64, AX
	DECQ CX
	JNZ loop

done:
	SUBQ R8, DI
	SHRQ $2, DI
	MOVQ DI, n+24(FP)
	RET
