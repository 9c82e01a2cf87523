//go:build amd64 && !purego

package cpu

// cpuid is the instruction of that name.
func cpuid(leaf, sub uint32) (a, b, c, d uint32)

// xgetbv returns the low half of the register that says which registers the
// operating system saves.
func xgetbv() uint32

func hasAVX2() bool {
	const (
		osxsave, avx     = 1 << 27, 1 << 28
		bmi1, avx2, bmi2 = 1 << 3, 1 << 5, 1 << 8
		saved            = 1<<1 | 1<<2
	)
	if leaves, _, _, _ := cpuid(0, 0); leaves < 7 {
		return false
	}
	if _, _, c, _ := cpuid(1, 0); c&(osxsave|avx) != osxsave|avx || xgetbv()&saved != saved {
		return false
	}
	_, b, _, _ := cpuid(7, 0)
	return b&(bmi1|avx2|bmi2) == bmi1|avx2|bmi2
}
