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

// What is wrong with two bytes of UTF-8, by the high and the low half of the first
// and the high half of the second; it is what all three have (Keiser and Lemire,
// "Validating UTF-8 in less than one instruction per byte", 2021). Bits:
//   0 too short   1 too long   2 three bytes for less   3 above U+10FFFF
//   4 surrogate   5 two bytes for less   6 four bytes for less, or above as well
//   7 two continuation bytes, which is right after the first of three or four
DATA firstHigh<>+0(SB)/8, $0x0202020202020202
DATA firstHigh<>+8(SB)/8, $0x4915012180808080
GLOBL firstHigh<>(SB), RODATA|NOPTR, $16
DATA firstLow<>+0(SB)/8, $0xCBCBCB8B8383A3E7
DATA firstLow<>+8(SB)/8, $0xCBCBDBCBCBCBCBCB
GLOBL firstLow<>(SB), RODATA|NOPTR, $16
DATA secondHigh<>+0(SB)/8, $0x0101010101010101
DATA secondHigh<>+8(SB)/8, $0x01010101BABAAEE6
GLOBL secondHigh<>(SB), RODATA|NOPTR, $16

// The bits of a code point in the bytes of its character, the first on top, by the
// high half of that one.
DATA points<>+0(SB)/8, $0
DATA points<>+8(SB)/8, $0
DATA points<>+16(SB)/8, $0
DATA points<>+24(SB)/8, $0
DATA points<>+32(SB)/8, $0
DATA points<>+40(SB)/8, $0
DATA points<>+48(SB)/8, $0x1F3F00001F3F0000
DATA points<>+56(SB)/8, $0x073F3F3F0F3F3F00
GLOBL points<>(SB), RODATA|NOPTR, $64

#define BYTES(name, eight) \
	DATA name<>+0(SB)/8, $eight \
	DATA name<>+8(SB)/8, $eight \
	DATA name<>+16(SB)/8, $eight \
	DATA name<>+24(SB)/8, $eight \
	GLOBL name<>(SB), RODATA|NOPTR, $32

BYTES(b1F, 0x1F1F1F1F1F1F1F1F)
BYTES(b60, 0x6060606060606060)
BYTES(b70, 0x7070707070707070)
BYTES(b7F, 0x7F7F7F7F7F7F7F7F)
BYTES(b80, 0x8080808080808080)
BYTES(b9F, 0x9F9F9F9F9F9F9F9F)
BYTES(bAF, 0xAFAFAFAFAFAFAFAF)
BYTES(bB7, 0xB7B7B7B7B7B7B7B7)
BYTES(bBD, 0xBDBDBDBDBDBDBDBD)
BYTES(bBF, 0xBFBFBFBFBFBFBFBF)
BYTES(bD0, 0xD0D0D0D0D0D0D0D0)
BYTES(bD1, 0xD1D1D1D1D1D1D1D1)
BYTES(bE4, 0xE4E4E4E4E4E4E4E4)
BYTES(bE8, 0xE8E8E8E8E8E8E8E8)
BYTES(bE9, 0xE9E9E9E9E9E9E9E9)
BYTES(bEB, 0xEBEBEBEBEBEBEBEB)
BYTES(bEC, 0xECECECECECECECEC)

DATA lowBits<>+0(SB)/8, $0x0F0F0F0F0F0F0F0F
GLOBL lowBits<>(SB), RODATA|NOPTR, $8

// WORD moves bit 7 of each byte of Ya and Yb to the 64 bits of a register.
#define WORD(Ya, Yb, reg) \
	VPMOVMSKB Ya, reg \
	VPMOVMSKB Yb, BX \
	SHLQ $32, BX \
	ORQ BX, reg

// MASK moves them to the word at off(DI).
#define MASK(Ya, Yb, off) \
	WORD(Ya, Yb, AX) \
	MOVQ AX, off(DI)

// BIT does so for bit 7-n of the classes in Y2 and Y3.
#define BIT(n, off) \
	VPSLLW $n, Y2, Y6 \
	VPSLLW $n, Y3, Y7 \
	MASK(Y6, Y7, off)

// KIND adds bit 7-n of the kinds in Y0 and Y1 to the word at off(DI).
#define KIND(n, off) \
	VPSLLW $n, Y0, Y6 \
	VPSLLW $n, Y1, Y7 \
	WORD(Y6, Y7, AX) \
	ANDQ DX, AX \
	ORQ AX, off(DI)

// VALID adds to Y9 what is wrong with the 32 bytes of Ya, at off(SI).
#define VALID(Ya, off) \
	VMOVDQU (off-1)(SI), Y4 \
	VPSRLW $4, Y4, Y5 \
	VPAND Y12, Y5, Y5 \
	VPAND Y12, Y4, Y4 \
	VPSHUFB Y5, Y13, Y5 \
	VPSHUFB Y4, Y14, Y4 \
	VPAND Y5, Y4, Y4 \
	VPSRLW $4, Ya, Y5 \
	VPAND Y12, Y5, Y5 \
	VPSHUFB Y5, Y15, Y5 \
	VPAND Y5, Y4, Y4 \
	VMOVDQU (off-2)(SI), Y5 \
	VPSUBUSB b60<>(SB), Y5, Y5 \
	VMOVDQU (off-3)(SI), Y6 \
	VPSUBUSB b70<>(SB), Y6, Y6 \
	VPOR Y6, Y5, Y5 \
	VPAND b80<>(SB), Y5, Y5 \
	VPXOR Y5, Y4, Y4 \
	VPOR Y4, Y9, Y9

// HAN leaves in Ya the first bytes of ideographs from U+4E00 to U+9F7F; Yb is the
// bytes behind.
#define HAN(Y, Yb, Ya, Yt) \
	VPCMPGTB bE4<>(SB), Y, Ya \
	VPCMPGTB bE8<>(SB), Y, Yt \
	VPANDN Ya, Yt, Ya \
	VPCMPEQB bE4<>(SB), Y, Yt \
	VPCMPGTB bB7<>(SB), Yb, Y8 \
	VPAND Y8, Yt, Yt \
	VPOR Yt, Ya, Ya \
	VPCMPEQB bE9<>(SB), Y, Yt \
	VPCMPGTB bBD<>(SB), Yb, Y8 \
	VPANDN Yt, Y8, Yt \
	VPOR Yt, Ya, Ya

// HANGUL leaves those of syllables from U+B000 to U+CFFF.
#define HANGUL(Y, Ya, Yt) \
	VPCMPEQB bEB<>(SB), Y, Ya \
	VPCMPEQB bEC<>(SB), Y, Yt \
	VPOR Yt, Ya, Ya

// UPPER leaves those of Cyrillic capitals from U+0400 to U+042F.
#define UPPER(Y, Yb, Ya, Yt) \
	VPCMPEQB bD0<>(SB), Y, Ya \
	VPCMPGTB bAF<>(SB), Yb, Yt \
	VPANDN Ya, Yt, Ya

// LOWER leaves those of Cyrillic small letters from U+0430 to U+045F.
#define LOWER(Y, Yb, Ya, Yt) \
	VPCMPEQB bD0<>(SB), Y, Ya \
	VPCMPGTB bAF<>(SB), Yb, Yt \
	VPAND Yt, Ya, Ya \
	VPCMPEQB bD1<>(SB), Y, Yt \
	VPCMPGTB b9F<>(SB), Yb, Y8 \
	VPANDN Yt, Y8, Yt \
	VPOR Yt, Ya, Ya

// TWO leaves in reg all bytes of the characters of two bytes that begin at the bits
// of AX, whose like in the block before is at off(R11), and takes their first bytes
// out of R13.
#define TWO(off, reg) \
	ANDNQ R13, AX, R13 \
	MOVQ off(R11), BX \
	MOVQ AX, off(R11) \
	MOVQ AX, reg \
	SHLQ $1, BX, reg \
	ORQ AX, reg

// THREE does so with three bytes.
#define THREE(off, reg) \
	ANDNQ R13, AX, R13 \
	MOVQ off(R11), BX \
	MOVQ AX, off(R11) \
	MOVQ AX, reg \
	SHLQ $1, BX, reg \
	ORQ AX, reg \
	SHLQ $2, BX, AX \
	ORQ AX, reg

// The size of masks; the offsets in scratch of the looked up bytes, and of the
// first bytes.
#define SIZE 152
#define LOOKED 4224
#define FIRST 4744

// func classifyAVX2(text unsafe.Pointer, out *masks, blocks int, k *kinds, tmp *scratch) (ok bool)
//
// The first loop tells ASCII, and of the characters above it those of the largest
// ranges of one class; the others it looks up one by one. The second moves what it
// found to the masks: to read it at once would wait for the bytes just written.
TEXT ·classifyAVX2(SB), NOSPLIT, $0-41
	MOVQ text+0(FP), SI
	MOVQ out+8(FP), DI
	MOVQ blocks+16(FP), CX
	MOVQ k+24(FP), R8
	LEAQ 8192(R8), R9       // the kinds
	MOVQ tmp+32(FP), R10
	LEAQ LOOKED(R10), R12
	LEAQ FIRST(R10), R11
	VBROADCASTI128 lowHalf<>(SB), Y10
	VBROADCASTI128 highHalf<>(SB), Y11
	VPBROADCASTQ lowBits<>(SB), Y12
	VBROADCASTI128 firstHigh<>(SB), Y13
	VBROADCASTI128 firstLow<>(SB), Y14
	VBROADCASTI128 secondHigh<>(SB), Y15
	VPXOR Y9, Y9, Y9
	VMOVDQU Y9, (R11)
	XORQ R14, R14           // the bytes above ASCII of the block before

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
	MOVQ AX, DX
	BIT(2, 40)
	ORQ AX, DX              // white space below U+0020
	BIT(1, 48)
	MASK(Y2, Y3, 56)
	MASK(Y0, Y1, 64)
	MOVQ AX, R13
	ORQ AX, DX
	VPCMPGTB b1F<>(SB), Y0, Y6
	VPCMPGTB b1F<>(SB), Y1, Y7
	VPCMPEQB b7F<>(SB), Y0, Y4
	VPCMPEQB b7F<>(SB), Y1, Y5
	VPANDN Y6, Y4, Y4
	VPANDN Y7, Y5, Y5
	WORD(Y4, Y5, AX)
	ORQ DX, AX
	NOTQ AX
	MOVQ AX, 144(DI)
	VPXOR Y4, Y4, Y4
	VMOVDQU Y4, 80(DI)
	VMOVDQU Y4, 112(DI)
	ORQ R13, R14
	JNZ high
	MOVQ R14, 72(DI)

next:
	MOVQ R13, R14
	ADDQ $64, SI
	ADDQ $64, R10
	ADDQ $SIZE, DI
	ADDQ $8, R12
	DECQ CX
	JNZ loop
	JMP move

high:
	VALID(Y0, 0)
	VALID(Y1, 32)
	VPCMPGTB bBF<>(SB), Y0, Y4
	VPCMPGTB bBF<>(SB), Y1, Y5
	WORD(Y4, Y5, AX)
	MOVQ R13, R15           // bytes to look up
	ANDNQ R13, AX, DX
	MOVQ DX, 72(DI)
	ANDQ AX, R13            // first bytes of characters to look up
	VMOVDQU 1(SI), Y2
	VMOVDQU 33(SI), Y3

	HAN(Y0, Y2, Y4, Y6)
	HAN(Y1, Y3, Y5, Y7)
	WORD(Y4, Y5, AX)
	THREE(0, DX)
	ANDNQ R15, DX, R15
	MOVQ DX, 80(DI)
	MOVQ DX, 112(DI)
	HANGUL(Y0, Y4, Y6)
	HANGUL(Y1, Y5, Y7)
	WORD(Y4, Y5, AX)
	THREE(8, DX)
	ANDNQ R15, DX, R15
	ORQ DX, 112(DI)
	UPPER(Y0, Y2, Y4, Y6)
	UPPER(Y1, Y3, Y5, Y7)
	WORD(Y4, Y5, AX)
	TWO(16, DX)
	ANDNQ R15, DX, R15
	MOVQ DX, 96(DI)
	LOWER(Y0, Y2, Y4, Y6)
	LOWER(Y1, Y3, Y5, Y7)
	WORD(Y4, Y5, AX)
	TWO(24, DX)
	ANDNQ R15, DX, R15
	MOVQ DX, 104(DI)
	MOVQ R15, (R12)
	TESTQ R13, R13
	JZ looked

char:
	TZCNTQ R13, BX
	MOVL (SI)(BX*1), AX
	BSWAPL AX
	MOVL AX, DX
	SHRL $28, DX
	LEAQ points<>(SB), R15
	PEXTL (R15)(DX*4), AX, AX
	MOVL AX, DX
	SHRL $8, DX
	MOVBLZX (R8)(DX*1), DX
	SHLL $8, DX
	MOVBLZX AL, AX
	ORL DX, AX
	MOVBLZX (R9)(AX*1), AX
	IMULL $0x01010101, AX
	MOVL AX, (R10)(BX*1)
	BLSRQ R13, R13
	JNZ char

looked:
	MOVQ 64(DI), R13
	JMP next

move:
	MOVQ out+8(FP), DI
	MOVQ blocks+16(FP), CX
	MOVQ tmp+32(FP), R10
	LEAQ LOOKED(R10), R12

again:
	CMPQ 64(DI), $0
	JE over
	MOVQ (R12), DX
	TESTQ DX, DX
	JZ over
	VMOVDQU (R10), Y0
	VMOVDQU 32(R10), Y1
	KIND(7, 80)
	KIND(6, 88)
	KIND(5, 96)
	KIND(4, 104)
	KIND(3, 112)
	KIND(2, 120)
	KIND(1, 128)
	KIND(0, 136)

over:
	ADDQ $64, R10
	ADDQ $SIZE, DI
	ADDQ $8, R12
	DECQ CX
	JNZ again
	VPTEST Y9, Y9
	SETEQ ok+40(FP)
	VZEROUPPER
	RET
