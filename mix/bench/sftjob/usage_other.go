//go:build !linux

package main

// cpuSeconds and peakMiB are only known on Linux.
func cpuSeconds() float64 { return 0 }

func peakMiB() int64 { return 0 }
