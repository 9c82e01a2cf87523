//go:build !amd64 || purego

package split

// classify fills out with the classes of the blocks of text, whose length must
// be that of out in blocks.
func classify(text string, out []ascii) { classifyGo(text, out) }
