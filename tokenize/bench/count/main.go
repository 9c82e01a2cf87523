//go:build unix

// Command count measures counting for compare.py: it prints the MB/s of CPU time
// of each state as JSON.
//
//	count TOKENIZER RECORDS
//
// TOKENIZER is a file or the name of an encoding. RECORDS holds records, each after
// its length as 32-bit little-endian number. It prints besides the wall time of
// one pass with one worker over that with two, "scaling".
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/datamix-go/datamix/tokenize"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: count TOKENIZER RECORDS")
	}
	runtime.GOMAXPROCS(1)
	raw, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	var records []string
	for len(raw) >= 4 {
		n := binary.LittleEndian.Uint32(raw)
		records = append(records, string(raw[4:4+n]))
		raw = raw[4+n:]
	}
	result := map[string]float64{}
	tok, err := open(args[0])
	if err != nil {
		return err
	}
	result["cold"] = rate(tok, records)
	result["warm"] = rate(tok, records)
	if tok, err = open(args[0]); err != nil {
		return err
	}
	half := len(records) / 2
	rate(tok, records[:half])
	result["unseen"] = rate(tok, records[half:])
	result["scaling"] = scaling(tok, records)
	return json.NewEncoder(os.Stdout).Encode(result)
}

func open(path string) (*tokenize.Tokenizer, error) {
	tok, err := tokenize.Encoding(path)
	if err != nil {
		tok, err = tokenize.File(path, nil)
	}
	if err == nil {
		tok.Count("a")
		runtime.GC()
	}
	return tok, err
}

// rate returns the MB/s of CPU time at which records are counted.
func rate(tok *tokenize.Tokenizer, records []string) float64 {
	size := 0
	start := cpuTime()
	for _, r := range records {
		tok.Count(r)
		size += len(r)
	}
	return float64(size) / 1e6 / (cpuTime() - start)
}

// scaling returns how much faster two workers are than one, each over all
// records.
func scaling(tok *tokenize.Tokenizer, records []string) float64 {
	runtime.GOMAXPROCS(2)
	pass := func(workers int) float64 {
		best := math.Inf(1)
		for range 5 {
			start := time.Now()
			var wg sync.WaitGroup
			for range workers {
				wg.Go(func() {
					for _, r := range records {
						tok.Count(r)
					}
				})
			}
			wg.Wait()
			best = min(best, time.Since(start).Seconds())
		}
		return best
	}
	pass(2) // both workers have counted everything once
	return 2 * pass(1) / pass(2)
}

// cpuTime returns the CPU time of the process in seconds.
func cpuTime() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
