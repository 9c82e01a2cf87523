package main

import "syscall"

func usage() syscall.Rusage {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u
}

// cpuSeconds is the time that all processors spent on the process.
func cpuSeconds() float64 {
	u := usage()
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// peakMiB is the most memory that the process had resident.
func peakMiB() int64 { return usage().Maxrss >> 10 }
