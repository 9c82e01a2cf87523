//go:build amd64 && !purego

#include "textflag.h"

// The key length of pieces that are too long for a key.
DATA tooLong<>+0(SB)/8, $16
GLOBL tooLong<>(SB), RODATA|NOPTR, $8

// func probeAVX2(text unsafe.Pointer, froms, tos *uint32, n int, table *bucket, lengths *[17][4]uint64, keys *probeKeys, misses *uint16) (sum, missed int)
//
// The first loop packs the keys of all pieces and fetches their buckets; the
// second compares each with the four keys of its bucket.
TEXT ·probeAVX2(SB), NOSPLIT, $0-80
	MOVQ text+0(FP), SI
	MOVQ froms+8(FP), DI
	MOVQ tos+16(FP), R13
	MOVQ n+24(FP), CX
	MOVQ table+32(FP), R8
	MOVQ lengths+40(FP), R9
	MOVQ keys+48(FP), R10
	MOVQ $0x9E3779B97F4A7C15, R14 // mixer
	MOVQ $0xD6E8FEB86659FD93, R15 // of hashKey
	XORQ BX, BX
	MOVQ R10, R11

pack:
	MOVL (DI)(BX*4), AX
	MOVL (R13)(BX*4), DX
	SUBQ AX, DX              // the length
	CMPQ DX, $16
	CMOVQGT tooLong<>(SB), DX
	SHLQ $5, DX
	VMOVDQU (SI)(AX*1), X0
	VPAND (R9)(DX*1), X0, X0
	VPOR 16(R9)(DX*1), X0, X0
	VMOVQ X0, DX
	VPEXTRQ $1, X0, R12
	MOVQ DX, (R11)
	MOVQ R12, 8(R11)
	IMULQ R14, R12
	ROLQ $29, R12
	XORQ R12, DX
	IMULQ R15, DX
	SHRQ $49, DX             // 64 - tableBits
	SHLQ $6, DX
	MOVQ DX, 16(R11)
	PREFETCHT0 (R8)(DX*1)
	ADDQ $32, R11
	INCQ BX
	CMPQ BX, CX
	JLT pack

	MOVQ misses+56(FP), DI
	VPXOR Y0, Y0, Y0         // the sum
	XORQ BX, BX
	XORQ AX, AX              // how many are missing

compare:
	MOVQ 16(R10), DX
	VPBROADCASTQ (R10), Y1
	VPBROADCASTQ 8(R10), Y2
	VMOVDQU 32(R8)(DX*1), Y4
	VPCMPEQQ (R8)(DX*1), Y1, Y3
	VPXOR Y4, Y2, Y5
	VPSLLQ $4, Y5, Y5        // all but the count
	VPXOR Y6, Y6, Y6
	VPCMPEQQ Y6, Y5, Y5
	VPAND Y5, Y3, Y3
	VPSRLQ $60, Y4, Y4
	VPAND Y4, Y3, Y3
	VPADDQ Y3, Y0, Y0
	XORQ R12, R12
	MOVW BX, (DI)(AX*2)
	VPTEST Y3, Y3
	SETEQ R12
	ADDQ R12, AX
	ADDQ $32, R10
	INCQ BX
	CMPQ BX, CX
	JLT compare

	VEXTRACTI128 $1, Y0, X1
	VPADDQ X1, X0, X0
	VPEXTRQ $1, X0, BX
	VMOVQ X0, DX
	ADDQ BX, DX
	MOVQ DX, sum+64(FP)
	MOVQ AX, missed+72(FP)
	VZEROUPPER
	RET
