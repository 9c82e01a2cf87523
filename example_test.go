package datamix_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sink"
	"github.com/datamix-go/datamix/source"
)

// letters counts every byte as a token.
type letters struct{}

func (letters) Count(text string) int { return len(text) }

func (letters) Append(dst []uint32, text string) []uint32 {
	for _, c := range []byte(text) {
		dst = append(dst, uint32(c))
	}
	return dst
}

// fruit is a source of four texts.
func fruit() datamix.Source {
	return source.Records(datamix.NewText("fig"), datamix.NewText("pear"), datamix.NewText("plum"), datamix.NewText("quince"))
}

// withBadRows is a source in which every second row is bad.
func withBadRows(n int) datamix.Source {
	return datamix.SourceFunc(func(context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			for i := range n {
				o := datamix.Origin{Path: "rows.jsonl", Row: int64(i)}
				r, err := datamix.NewText(fmt.Sprint("row ", i)), error(nil)
				r.Origin = o
				if i%2 == 1 {
					r, err = nil, &datamix.RecordError{Stage: "read", Origin: o, Err: errors.New("it is not JSON")}
				}
				if !yield(r, err) {
					return
				}
			}
		}
	})
}

// print prints the texts of a source.
func print(src datamix.Source) {
	for r, err := range src.Records(context.Background()) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(r.Text())
	}
}

func ExampleChain() {
	short := datamix.FilterFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		if len(r.Text()) > 4 {
			return "too_long", nil
		}
		return datamix.Keep, nil
	})
	upper := datamix.StepFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		r.SetText(strings.ToUpper(r.Text()))
		return datamix.Keep, nil
	})
	print(datamix.Chain(fruit(), datamix.Where(short), upper))
	// Output:
	// FIG
	// PEAR
	// PLUM
}

func ExampleRun() {
	long := datamix.FilterFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		if len(r.Text()) < 4 {
			return "too_short", nil
		}
		return datamix.Keep, nil
	})
	report, err := datamix.Run(context.Background(), datamix.Chain(fruit(), datamix.Where(long), datamix.Count(letters{})), sink.Discard())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Output.Rows, "rows,", report.Output.Tokens, "tokens")
	fmt.Println("read", report.Ledger.Read, "dropped", report.Ledger.Dropped)
	// Output:
	// 3 rows, 14 tokens
	// read 4 dropped map[too_short:1]
}

func ExampleWhere() {
	starts := func(letter string) datamix.Filter {
		return datamix.FilterFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
			if !strings.HasPrefix(r.Text(), letter) {
				return "other_letter", nil
			}
			return datamix.Keep, nil
		})
	}
	print(datamix.Chain(fruit(), datamix.Where(starts("p"), starts("pl"))))
	// Output: plum
}

func ExampleCount() {
	chat := datamix.NewChat(datamix.System("Be brief."), datamix.User("2 + 2?"), datamix.Assistant("4"))
	for r, err := range datamix.Chain(source.Records(chat), datamix.Count(letters{})).Records(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%+v\n", r.Counts())
	}
	// Output: {Total:16 Context:15 Final:1 Trainable:1 MaskFaults:0}
}

func ExampleDraw() {
	secondHalf := datamix.SamplerFunc(func(ctx context.Context, in datamix.Source) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			n := 0
			for _, err := range in.Records(ctx) { // the first range counts for the ledger
				if err == nil {
					n++
				}
			}
			i := 0
			for r, err := range in.Records(datamix.Quiet(ctx)) {
				if i++; err == nil && i <= n/2 {
					continue
				}
				if !yield(r, err) {
					return
				}
			}
		}
	})
	print(datamix.Chain(fruit(), datamix.Draw(secondHalf)))
	// Output:
	// plum
	// quince
}

func ExampleStageFunc() {
	twice := datamix.StageFunc(func(ctx context.Context, in datamix.Source) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			for r, err := range in.Records(ctx) {
				if err != nil {
					if !yield(nil, err) {
						return
					}
					continue
				}
				if !yield(r.Clone(), nil) || !yield(r, nil) {
					return
				}
			}
		}
	})
	report, err := datamix.Run(context.Background(), datamix.Chain(fruit(), twice), sink.Discard())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("read", report.Ledger.Read, "derived", report.Ledger.Derived, "kept", report.Ledger.Kept)
	// Output: read 4 derived 4 kept 8
}

func ExampleParallel() {
	shout := datamix.StepFunc(func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
		r.SetText(r.Text() + "!")
		return datamix.Keep, nil
	})
	print(datamix.Chain(fruit(), datamix.Parallel(8, shout))) // the order stays
	// Output:
	// fig!
	// pear!
	// plum!
	// quince!
}

func ExampleOnError() {
	print(datamix.Chain(withBadRows(4), datamix.OnError(datamix.SkipAtMost(2))))
	// Output:
	// row 0
	// row 2
}

func ExampleSkipAtMost() {
	print(datamix.Chain(withBadRows(6), datamix.OnError(datamix.SkipAtMost(1))))
	// Output:
	// row 0
	// row 2
	// datamix: too many bad records: more than 1; the last one: rows.jsonl, row 4: read: it is not JSON
}

func ExampleSkipRatio() {
	print(datamix.Chain(withBadRows(4), datamix.OnError(datamix.SkipRatio(0.1))))
	// Output:
	// row 0
	// row 2
	// datamix: too many bad records: 2 of 4, and 10 % are allowed
}

func ExampleQuarantine() {
	var bad strings.Builder
	quarantine := sink.Writer(&bad, &sink.Options{As: "raw"})
	print(datamix.Chain(withBadRows(2), datamix.OnError(datamix.Quarantine(quarantine, nil))))
	if err := quarantine.Close(); err != nil {
		log.Fatal(err)
	}
	fmt.Print(bad.String())
	// Output:
	// row 0
	// {"part":"","path":"rows.jsonl","row":1,"offset":0,"stage":"read","error":"it is not JSON"}
}

func ExampleRebuild() {
	stop := func(s datamix.Spec) datamix.Step {
		return datamix.NewStep(s, func(_ context.Context, r *datamix.Record) (datamix.Verdict, error) {
			r.SetText(r.Text() + ".")
			return datamix.Keep, nil
		})
	}
	specs, ok := datamix.Stages(datamix.Chain(fruit(), stop(datamix.NewSpec("full_stop", 1, nil))))
	fmt.Println(specs, ok)

	// On another machine, from the specs alone:
	stages := datamix.BuildStages(nil, nil)
	if err := stages.Add("full_stop", func(s datamix.Spec) (datamix.Stage, error) { return stop(s), nil }); err != nil {
		log.Fatal(err)
	}
	again, err := datamix.Rebuild(fruit(), specs, stages)
	if err != nil {
		log.Fatal(err)
	}
	print(again)
	// Output:
	// [{full_stop 1 [] []}] true
	// fig.
	// pear.
	// plum.
	// quince.
}

func ExampleWithObserver() {
	none := datamix.FilterFunc(func(context.Context, *datamix.Record) (datamix.Verdict, error) { return "unripe", nil })
	ctx := datamix.WithObserver(context.Background(), &datamix.Observer{
		Drop: func(_ string, r *datamix.Record, reason datamix.Verdict) { fmt.Println(r.Text(), "dropped:", reason) },
	})
	for range datamix.Chain(fruit(), datamix.Where(none)).Records(ctx) {
		fmt.Println("never reached")
	}
	// Output:
	// fig dropped: unripe
	// pear dropped: unripe
	// plum dropped: unripe
	// quince dropped: unripe
}

func ExamplePick() {
	second := func(o datamix.Origin) bool { return o.Row == 1 }
	for r, err := range datamix.Pick(context.Background(), fruit(), second) {
		fmt.Println(r.Text(), err)
	}
	// Output: pear <nil>
}

func ExamplePriority() {
	// The two of four records that have the smallest priorities: a uniform
	// choice that depends on nothing but the seed and the records themselves.
	for r := range fruit().Records(context.Background()) {
		fmt.Printf("%-6s %016x\n", r.Text(), datamix.Priority(42, "example", r.Origin.Key()))
	}
	// Output:
	// fig    42eca79c4097aa55
	// pear   b331d02b05f75d5e
	// plum   7774cd710bd95fa0
	// quince ad977c74402873c2
}

func ExampleNewChat() {
	r := datamix.NewChat(datamix.User("Where is Oslo?"), datamix.Assistant("In Norway."))
	r.SetLabel("category", "geography")
	fmt.Println(r.Prompt(), r.Response(), r.Label("category"))
	// Output: Where is Oslo? In Norway. geography
}

func ExampleNewText() {
	r := datamix.NewText("It was a dark and stormy night.")
	fmt.Println(r.IsText(), r.Text())
	// Output: true It was a dark and stormy night.
}

func ExampleJSONField() {
	r := datamix.NewText("x")
	r.SetField(datamix.JSONField("stars", `12345678901234567890`)) // beyond 2^53
	r.SetField(datamix.TextField("author", "Kim"))
	for f := range r.Extra() {
		fmt.Println(f.Name, f.Kind(), f.JSON())
	}
	// Output:
	// stars number 12345678901234567890
	// author string "Kim"
}

func ExampleArena() {
	arena := &datamix.Arena{}
	r, err := arena.JSON([]byte(`{"q": "Where is Oslo?", "a": "In Norway.", "stars": 5}`), datamix.Origin{Path: "x.jsonl"})
	if err != nil {
		log.Fatal(err)
	}
	q, err := r.FieldText("q")
	if err != nil {
		log.Fatal(err)
	}
	a, err := r.FieldText("a")
	if err != nil {
		log.Fatal(err)
	}
	r.Adapt([]datamix.Message{datamix.User(q), datamix.Assistant(a)}, "q", "a")
	raw, unchanged := r.Raw()
	fmt.Println(r.Response(), r.Label("stars"), unchanged, len(raw))
	// Output: In Norway. 5 true 54
}
