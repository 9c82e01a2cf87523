package sample_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"math/big"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sample"
)

// numbers is a source of n texts, "0" and up; even ones are labelled so, and
// each counts as many tokens as its number has of ten, and one.
func numbers(path string, n int) datamix.Source {
	return datamix.SourceFunc(func(context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			for i := range n {
				r := datamix.NewText(fmt.Sprint(i))
				r.Origin = datamix.Origin{Path: path, Row: int64(i)}
				r.SetLabel("parity", []string{"even", "odd"}[i%2])
				r.SetCounts(datamix.Counts{Total: 1 + i/10})
				if !yield(r, nil) {
					return
				}
			}
		}
	})
}

// show prints the texts that come out of a chain.
func show(src datamix.Source, stages ...datamix.Stage) {
	for r, err := range datamix.Chain(src, stages...).Records(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(r.Text(), " ")
	}
	fmt.Println()
}

func ExampleUniform() {
	s, err := sample.Uniform(sample.Fraction(0.25), &sample.Options{Seed: 42})
	if err != nil {
		log.Fatal(err)
	}
	show(numbers("n", 20), datamix.Draw(s))
	// Output: 0 4 5 10 12
}

func ExampleQuota() {
	s, err := sample.Quota(sample.Tokens(12), &sample.Options{First: true})
	if err != nil {
		log.Fatal(err)
	}
	show(numbers("n", 100), datamix.Draw(s)) // ten texts of one token, one of two
	// Output: 0 1 2 3 4 5 6 7 8 9 10
}

func ExampleTake() {
	s, err := sample.Take(3)
	if err != nil {
		log.Fatal(err)
	}
	show(numbers("n", 100), datamix.Draw(s))
	// Output: 0 1 2
}

func ExampleStratified() {
	s, err := sample.Stratified("parity", sample.Rows(6), nil)
	if err != nil {
		log.Fatal(err)
	}
	show(numbers("n", 20), datamix.Draw(s)) // three even, three odd
	// Output: 0 1 2 3 15 16
}

func ExampleStratifiedBy() {
	byLength := func(r *datamix.Record) string { return fmt.Sprint(len(r.Text())) }
	s, err := sample.StratifiedBy(byLength, sample.Fraction(0.1), nil)
	if err != nil {
		log.Fatal(err)
	}
	show(numbers("n", 100), datamix.Draw(s)) // one of the ten short ones, nine of the others
	// Output: 1 16 21 50 52 59 64 73 74 77
}

func ExampleBernoulli() {
	f, err := sample.Bernoulli(0.2, 7)
	if err != nil {
		log.Fatal(err)
	}
	show(numbers("n", 30), datamix.Where(f))
	// Output: 3 6 11 18 24 29
}

func ExampleRepeat() {
	s, err := sample.Repeat(2.5, nil)
	if err != nil {
		log.Fatal(err)
	}
	show(numbers("n", 4), datamix.Draw(s))
	// Output: 0 3 1 2 1 0 3 2 0 1
}

func ExampleShuffle() {
	s, err := sample.Shuffle(&sample.ShuffleOptions{Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	show(numbers("n", 10), datamix.Draw(s))
	// Output: 6 4 0 9 1 5 7 3 2 8
}

func ExampleShuffleBuffer() {
	s, err := sample.ShuffleBuffer(3, nil)
	if err != nil {
		log.Fatal(err)
	}
	show(numbers("n", 12), datamix.Draw(s))
	// Output: 0 2 3 5 4 6 8 7 10 9 11 1
}

func ExampleNewReservoir() {
	v, err := sample.NewReservoir(3, 0)
	if err != nil {
		log.Fatal(err)
	}
	if err := v.Fill(context.Background(), numbers("n", 1000)); err != nil {
		log.Fatal(err)
	}
	show(v)
	// Output: 496 810 77
}

func ExampleInterleave() {
	src, err := sample.Interleave([]sample.Part{
		{Name: "math", Source: numbers("math", 10), Weight: 0.25},
		{Name: "chat", Source: numbers("chat", 6), Weight: 0.75},
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	for r, err := range src.Records(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(r.ID(), " ")
	}
	// Output: chat:0 math:0 chat:1 chat:2 chat:3 math:1 chat:4 chat:5
}

func ExampleNewScheduler() {
	s, err := sample.NewScheduler([]uint64{1, 3})
	if err != nil {
		log.Fatal(err)
	}
	for range 8 {
		part, _ := s.Next([]int64{1, 1})
		fmt.Print(part, " ")
	}
	state, err := json.Marshal(s)
	fmt.Println(string(state), err)
	// Output: 1 0 1 1 1 0 1 1 [{"weight":1,"served":2},{"weight":3,"served":6}] <nil>
}

func ExampleApportion() {
	seats, err := sample.Apportion(10, []*big.Rat{big.NewRat(1, 3), big.NewRat(1, 3), big.NewRat(1, 3)})
	fmt.Println(seats, err)
	// Output: [4 3 3] <nil>
}

func ExampleApportionSizes() {
	seats, err := sample.ApportionSizes(10, []int64{61, 27, 12})
	fmt.Println(seats, err)
	// Output: [6 3 1] <nil>
}

func ExampleParseShare() {
	for _, s := range []string{"40%", "0.125", "2/3"} {
		share, err := sample.ParseShare(s)
		fmt.Println(share, err)
	}
	// Output:
	// 2/5 <nil>
	// 1/8 <nil>
	// 2/3 <nil>
}

func ExampleIntegerWeights() {
	var shares []*big.Rat
	for _, f := range []float64{0.124, 0.5, 0.376} {
		share, err := sample.FloatShare(f)
		if err != nil {
			log.Fatal(err)
		}
		shares = append(shares, share)
	}
	weights, err := sample.IntegerWeights(shares)
	fmt.Println(weights, err)
	// Output: [31 125 94] <nil>
}

func ExampleTemperatureWeights() {
	weights, err := sample.TemperatureWeights([]int64{900, 100}, 2)
	if err != nil {
		log.Fatal(err)
	}
	for _, w := range weights {
		fmt.Println(w.FloatString(4))
	}
	// Output:
	// 0.7500
	// 0.2500
}

func ExampleUniMaxWeights() {
	// A budget of 200 and at most 4 passes: the small part gives 40 at most.
	weights, err := sample.UniMaxWeights([]int64{1000, 10}, 200, 4)
	fmt.Println(weights, err)
	// Output: [4/5 1/5] <nil>
}
