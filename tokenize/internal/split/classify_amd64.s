//go:build amd64 && !purego

#include "textflag.h"

// Two tables of 16 bytes say which classes a low and a high half of an ASCII
// byte may have; the class of the byte is what both have. Bits of a class:
//   0 letters A to O (41-4F, 61-6F)   1 letters P to Z (50-5A, 70-7A)
//   2 digits   3 space   4 other white space   5 line ends   6 '   7 /
DATA lowHalf<>+0(SB)/8, $0x470707070707070E
DATA lowHalf<>+8(SB)/8, $0x8101211111231707
GLOBL lowHalf<>(SB), RODATA|NOPTR, $16
DATA highHalf<>+0(SB)/8, $0x0201020104C80030
DATA highHalf<>+8(SB)/8, $0x0000000000000000
GLOBL highHalf<>(SB), RODATA|NOPTR, $16

// The same for bytes above ASCII, whose low half is taken by a mask:
//   0 continuation bytes   1 and 2 the first bytes of three and of two that the
//   Go twin lists
DATA lowHalfHigh<>+0(SB)/8, $0x0303030101010505
DATA lowHalfHigh<>+8(SB)/8, $0x0101010303010303
GLOBL lowHalfHigh<>(SB), RODATA|NOPTR, $16
DATA highHalfHigh<>+0(SB)/8, $0x0000000000000000
DATA highHalfHigh<>+8(SB)/8, $0x0002040001010101
GLOBL highHalfHigh<>(SB), RODATA|NOPTR, $16
DATA lowBits<>+0(SB)/8, $0x0F0F0F0F0F0F0F0F
GLOBL lowBits<>(SB), RODATA|NOPTR, $8

// MASK moves bit 7 of each byte of Ya and Yb to the 64 bits at off(DI).
#define MASK(Ya, Yb, off) \
	VPMOVMSKB Ya, AX \
	VPMOVMSKB Yb, BX \
	SHLQ $32, BX \
	ORQ BX, AX \
	MOVQ AX, off(DI)

// BIT does so for bit 7-n of the classes in Y2 and Y3.
#define BIT(n, off) \
	VPSLLW $n, Y2, Y6 \
	VPSLLW $n, Y3, Y7 \
	MASK(Y6, Y7, off)

// func classifyAVX2(text unsafe.Pointer, out *ascii, blocks int)
TEXT ·classifyAVX2(SB), NOSPLIT, $0-24
	MOVQ text+0(FP), SI
	MOVQ out+8(FP), DI
	MOVQ blocks+16(FP), CX
	VBROADCASTI128 lowHalf<>(SB), Y10
	VBROADCASTI128 highHalf<>(SB), Y11
	VPBROADCASTQ lowBits<>(SB), Y12
	VBROADCASTI128 lowHalfHigh<>(SB), Y13
	VBROADCASTI128 highHalfHigh<>(SB), Y14

loop:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VPSRLW $4, Y0, Y4
	VPSRLW $4, Y1, Y5
	VPAND Y12, Y4, Y4
	VPAND Y12, Y5, Y5
	VPSHUFB Y4, Y11, Y4
	VPSHUFB Y5, Y11, Y5
	VPSHUFB Y0, Y10, Y2
	VPSHUFB Y1, Y10, Y3
	VPAND Y4, Y2, Y2
	VPAND Y5, Y3, Y3

	// Letters have bit 0 or 1; capitals have no bit 5 in the byte itself.
	VPSLLW $7, Y2, Y4
	VPSLLW $6, Y2, Y6
	VPOR Y6, Y4, Y4
	VPSLLW $7, Y3, Y5
	VPSLLW $6, Y3, Y7
	VPOR Y7, Y5, Y5
	MASK(Y4, Y5, 0)
	VPSLLW $2, Y0, Y6
	VPSLLW $2, Y1, Y7
	VPANDN Y4, Y6, Y6
	VPANDN Y5, Y7, Y7
	MASK(Y6, Y7, 8)

	BIT(5, 16)
	BIT(4, 24)
	BIT(3, 32)
	BIT(2, 40)
	BIT(1, 48)
	MASK(Y2, Y3, 56)
	MASK(Y0, Y1, 64)
	TESTQ AX, AX
	JNZ high
	MOVQ AX, 72(DI)
	MOVQ AX, 80(DI)
	MOVQ AX, 88(DI)

next:
	ADDQ $64, SI
	ADDQ $96, DI
	DECQ CX
	JNZ loop
	VZEROUPPER
	RET

high:
	VPSRLW $4, Y0, Y4
	VPSRLW $4, Y1, Y5
	VPAND Y12, Y4, Y4
	VPAND Y12, Y5, Y5
	VPSHUFB Y4, Y14, Y4
	VPSHUFB Y5, Y14, Y5
	VPAND Y12, Y0, Y2
	VPAND Y12, Y1, Y3
	VPSHUFB Y2, Y13, Y2
	VPSHUFB Y3, Y13, Y3
	VPAND Y4, Y2, Y2
	VPAND Y5, Y3, Y3
	BIT(7, 72)
	BIT(6, 80)
	BIT(5, 88)
	JMP next
