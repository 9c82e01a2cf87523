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

// All of a key of four words but its count.
DATA allButCount<>+0(SB)/8, $-1
DATA allButCount<>+8(SB)/8, $-1
DATA allButCount<>+16(SB)/8, $-1
DATA allButCount<>+24(SB)/8, $0x0FFFFFFFFFFFFFFF
GLOBL allButCount<>(SB), RODATA|NOPTR, $32

// func probeWideAVX2(text unsafe.Pointer, froms, tos *uint32, n int, table *wideBucket, lengths *[17][4]uint64, keys *probeKeys, misses *uint16) (sum, missed int)
//
// It does as probeAVX2 with keys of four words, two in a bucket.
TEXT ·probeWideAVX2(SB), NOSPLIT, $0-80
	MOVQ text+0(FP), SI
	MOVQ froms+8(FP), DI
	MOVQ tos+16(FP), R13
	MOVQ n+24(FP), CX
	MOVQ table+32(FP), R8
	MOVQ lengths+40(FP), R9
	MOVQ keys+48(FP), R10
	MOVQ $0x9E3779B97F4A7C15, R14 // mixer
	MOVQ $0xD6E8FEB86659FD93, R15 // of hash
	XORQ BX, BX
	MOVQ R10, R11

pack:
	MOVL (DI)(BX*4), AX
	MOVL (R13)(BX*4), DX
	SUBQ AX, DX
	SUBQ $16, DX             // the length above 16
	SHLQ $5, DX
	VMOVDQU (SI)(AX*1), X0
	VMOVDQU 16(SI)(AX*1), X1
	VPAND (R9)(DX*1), X1, X1
	VPOR 16(R9)(DX*1), X1, X1
	VMOVDQU X0, (R11)
	VMOVDQU X1, 16(R11)
	VMOVQ X0, DX
	VPEXTRQ $1, X0, R12
	IMULQ R14, R12
	ROLQ $29, R12
	XORQ R12, DX
	VMOVQ X1, AX
	VPEXTRQ $1, X1, R12
	IMULQ R14, R12
	ROLQ $29, R12
	XORQ R12, AX
	IMULQ R14, DX
	ROLQ $32, DX
	XORQ AX, DX
	IMULQ R15, DX
	SHRQ $50, DX             // 64 - wideBits
	SHLQ $6, DX
	MOVL DX, 8192(R10)(BX*4) // offsets
	PREFETCHT0 (R8)(DX*1)
	ADDQ $32, R11
	INCQ BX
	CMPQ BX, CX
	JLT pack

	MOVQ misses+56(FP), DI
	VMOVDQU allButCount<>(SB), Y7
	XORQ BX, BX
	XORQ AX, AX              // how many are missing
	XORQ R14, R14            // the sum
	XORQ R15, R15

compare:
	MOVL 8192(R10)(BX*4), DX
	MOVQ BX, R11
	SHLQ $5, R11
	VMOVDQU (R10)(R11*1), Y1
	VPXOR (R8)(DX*1), Y1, Y2
	VPXOR 32(R8)(DX*1), Y1, Y3
	MOVQ 24(R8)(DX*1), R12
	MOVQ 56(R8)(DX*1), R13
	SHRQ $60, R12
	SHRQ $60, R13
	VPTEST Y7, Y2
	CMOVQNE R15, R12
	VPTEST Y7, Y3
	CMOVQNE R15, R13
	ADDQ R13, R12
	ADDQ R12, R14
	MOVW BX, (DI)(AX*2)
	CMPQ R12, $1
	ADCQ $0, AX
	INCQ BX
	CMPQ BX, CX
	JLT compare

	MOVQ R14, sum+64(FP)
	MOVQ AX, missed+72(FP)
	VZEROUPPER
	RET

DATA lastOfMore<>+0(SB)/8, $0xBFBFBFBFBFBFBFBF
GLOBL lastOfMore<>(SB), RODATA|NOPTR, $8

DATA window<>+0(SB)/8, $32
GLOBL window<>(SB), RODATA|NOPTR, $8

// func seamsAVX2(text unsafe.Pointer, from, to int, s *seams, masks *[256]uint32, ends *uint32) (n int)
TEXT ·seamsAVX2(SB), NOSPLIT, $0-56
	MOVQ text+0(FP), SI
	MOVQ from+8(FP), R8      // the window of 32 bytes
	MOVQ to+16(FP), R9
	MOVQ s+24(FP), R10
	LEAQ 131072(R10), R11    // broken
	MOVQ masks+32(FP), R12
	MOVQ ends+40(FP), DI
	MOVQ $0x9E3779B97F4A7C15, R14 // mixer
	VPBROADCASTQ lastOfMore<>(SB), Y1
	XORQ R13, R13            // how many places
	MOVL (SI)(R8*1), R15     // the last character
	MOVBLZX R15, DX
	ANDL (R12)(DX*4), R15
	MOVL $-2, CX             // without the first character

window:
	VMOVDQU (SI)(R8*1), Y0
	VPCMPGTB Y1, Y0, Y0
	VPMOVMSKB Y0, AX         // first bytes of characters
	ANDL CX, AX
	MOVQ R9, DX
	SUBQ R8, DX
	CMPQ DX, $32
	CMOVQGT window<>(SB), DX
	BZHIL DX, AX, AX
	TESTL AX, AX
	JZ next

char:
	TZCNTL AX, BX
	BLSRL AX, AX
	ADDQ R8, BX
	MOVL (SI)(BX*1), CX
	MOVBLZX CX, DX
	ANDL (R12)(DX*4), CX
	MOVL R15, DX
	ORL CX, DX
	SHLQ $32, R15
	ORQ CX, R15
	IMULQ R14, R15
	SHRQ $44, R15            // 64 - seamBits
	SHRL $7, DX              // bit 0: one is not of ASCII
	MOVL BX, (DI)(R13*4)
	MOVWLZX -1(SI)(BX*1), BX
	ROLW $8, BX
	MOVQ R15, R14
	SHRQ $5, R14
	MOVL (R10)(R14*4), R14
	SHRXL R15, R14, R14
	MOVQ BX, R15
	SHRQ $5, R15
	MOVL (R11)(R15*4), R15
	SHRXL BX, R15, R15
	ORL R15, R14
	ANDNL DX, R14, R14
	ANDL $1, R14
	ADDQ R14, R13
	MOVQ CX, R15
	MOVQ $0x9E3779B97F4A7C15, R14
	TESTL AX, AX
	JNZ char

next:
	MOVL $-1, CX
	ADDQ $32, R8
	CMPQ R8, R9
	JLT window
	MOVQ R13, n+48(FP)
	VZEROUPPER
	RET
