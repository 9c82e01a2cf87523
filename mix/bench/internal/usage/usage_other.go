//go:build !linux

// Package usage tells what a benchmark program has used.
package usage

// CPUSeconds is known only on Linux.
func CPUSeconds() float64 { return 0 }

// PeakMiB is known only on Linux.
func PeakMiB() int64 { return 0 }
