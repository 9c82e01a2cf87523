//go:build amd64 && !purego

#include "textflag.h"

// The three functions look at 32 bytes at a time. Where a byte stops a run of
// ordinary content, a bit of DX is set: quotes are found by comparison with Y0,
// backslashes with Y1, control characters as those that are their own minimum
// with Y2. Y7 collects the high bits.

DATA stopBytes<>+0(SB)/1, $0x22
DATA stopBytes<>+1(SB)/1, $0x5c
DATA stopBytes<>+2(SB)/1, $0x1f
GLOBL stopBytes<>(SB), RODATA|NOPTR, $3

#define CONSTANTS \
	VPBROADCASTB stopBytes<>+0(SB), Y0 \
	VPBROADCASTB stopBytes<>+1(SB), Y1 \
	VPBROADCASTB stopBytes<>+2(SB), Y2 \
	VPXOR Y7, Y7, Y7

#define STOPS \
	VPOR Y3, Y7, Y7 \
	VPCMPEQB Y3, Y0, Y4 \
	VPCMPEQB Y3, Y1, Y5 \
	VPOR Y4, Y5, Y4 \
	VPMINUB Y3, Y2, Y6 \
	VPCMPEQB Y6, Y3, Y6 \
	VPOR Y6, Y4, Y4 \
	VPMOVMSKB Y4, DX

// func scanAVX2(b *byte, n, i int) (next int, high uint32)
TEXT ·scanAVX2(SB), NOSPLIT, $0-36
	MOVQ b+0(FP), SI
	MOVQ n+8(FP), BX
	MOVQ i+16(FP), AX
	CONSTANTS
	LEAQ ·unescaped(SB), R8
	SUBQ $32, BX

block:
	CMPQ AX, BX
	JGT  done
	VMOVDQU (SI)(AX*1), Y3
	STOPS
	TESTL DX, DX
	JNZ  found
	ADDQ $32, AX
	JMP  block

found:
	BSFL DX, CX
	LEAQ (AX)(CX*1), R9
	MOVBLZX (SI)(R9*1), R10
	CMPL R10, $0x5c
	JNE  stop
	LEAQ 31(BX), R11 // the last byte: nothing follows it
	CMPQ R9, R11
	JGE  stop
	MOVBLZX 1(SI)(R9*1), R11
	CMPB (R8)(R11*1), $0
	JE   stop
	CMPL CX, $31
	JEQ  straddling
	MOVL $3, R12
	SHLL CX, R12
	NOTL R12
	ANDL R12, DX
	JNZ  found
	ADDQ $32, AX
	JMP  block

straddling:
	ADDQ $33, AX
	JMP  block

stop:
	MOVQ R9, AX

done:
	VPMOVMSKB Y7, DX
	VZEROUPPER
	MOVQ AX, next+24(FP)
	MOVL DX, high+32(FP)
	RET

// func decodeAVX2(dst *byte, room int, w int, src *byte, n, i int) (dstNext, srcNext int, high uint32)
TEXT ·decodeAVX2(SB), NOSPLIT, $0-68
	MOVQ dst+0(FP), DI
	MOVQ room+8(FP), R13
	MOVQ w+16(FP), R9
	MOVQ src+24(FP), SI
	MOVQ n+32(FP), BX
	MOVQ i+40(FP), AX
	CONSTANTS
	LEAQ ·unescaped(SB), R8
	SUBQ $32, BX
	SUBQ $32, R13

block:
	CMPQ AX, BX
	JGT  done
	CMPQ R9, R13
	JGT  done
	VMOVDQU (SI)(AX*1), Y3
	VMOVDQU Y3, (DI)(R9*1)
	STOPS
	TESTL DX, DX
	JNZ  found
	ADDQ $32, AX
	ADDQ $32, R9
	JMP  block

found:
	BSFL DX, CX
	ADDQ CX, AX
	ADDQ CX, R9
	MOVBLZX (SI)(AX*1), R10
	CMPL R10, $0x5c
	JNE  done
	LEAQ 31(BX), R11
	CMPQ AX, R11
	JGE  done
	MOVBLZX 1(SI)(AX*1), R11
	MOVBLZX (R8)(R11*1), R12
	TESTL R12, R12
	JE   done
	MOVB R12, (DI)(R9*1)
	INCQ R9
	ADDQ $2, AX
	JMP  block

done:
	VPMOVMSKB Y7, DX
	VZEROUPPER
	MOVQ R9, dstNext+48(FP)
	MOVQ AX, srcNext+56(FP)
	MOVL DX, high+64(FP)
	RET

// func quoteAVX2(dst *byte, room int, w int, src *byte, n, i int) (dstNext, srcNext int, high uint32)
TEXT ·quoteAVX2(SB), NOSPLIT, $0-68
	MOVQ dst+0(FP), DI
	MOVQ room+8(FP), R13
	MOVQ w+16(FP), R9
	MOVQ src+24(FP), SI
	MOVQ n+32(FP), BX
	MOVQ i+40(FP), AX
	CONSTANTS
	LEAQ ·shortEscapes(SB), R8
	SUBQ $32, BX
	SUBQ $32, R13

block:
	CMPQ AX, BX
	JGT  done
	CMPQ R9, R13
	JGT  done
	VMOVDQU (SI)(AX*1), Y3
	VMOVDQU Y3, (DI)(R9*1)
	STOPS
	TESTL DX, DX
	JNZ  found
	ADDQ $32, AX
	ADDQ $32, R9
	JMP  block

found:
	BSFL DX, CX
	ADDQ CX, AX
	ADDQ CX, R9
	MOVBLZX (SI)(AX*1), R10
	MOVBLZX (R8)(R10*1), R12
	TESTL R12, R12
	JE   done
	MOVB $0x5c, (DI)(R9*1)
	MOVB R12, 1(DI)(R9*1)
	ADDQ $2, R9
	INCQ AX
	JMP  block

done:
	VPMOVMSKB Y7, DX
	VZEROUPPER
	MOVQ R9, dstNext+48(FP)
	MOVQ AX, srcNext+56(FP)
	MOVL DX, high+64(FP)
	RET
