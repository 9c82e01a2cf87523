// Package usage tells what a benchmark program has used.
package usage

import "syscall"

func usage() syscall.Rusage {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u
}

// CPUSeconds is the time that all processors spent on the process.
func CPUSeconds() float64 {
	u := usage()
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// PeakMiB is the most memory that the process had resident.
func PeakMiB() int64 { return usage().Maxrss >> 10 }
