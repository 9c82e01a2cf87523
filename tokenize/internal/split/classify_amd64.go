//go:build amd64 && !purego

package split

import (
	"unsafe"

	"github.com/datamix-go/datamix/tokenize/internal/cpu"
)

// classifyAVX2 is classifyGo of the blocks at text.
//
//go:noescape
func classifyAVX2(text unsafe.Pointer, out *ascii, blocks int)

// classify fills out with the classes of the blocks of text, whose length must
// be that of out in blocks.
func classify(text string, out []ascii) {
	if len(out) == 0 {
		return
	}
	if !cpu.AVX2 {
		classifyGo(text, out)
		return
	}
	_ = text[len(out)*blockSize-1]
	classifyAVX2(unsafe.Pointer(unsafe.StringData(text)), &out[0], len(out))
}
