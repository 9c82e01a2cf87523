package mix_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/source"
)

// texts is a source of a few records.
func texts(name string, n int) datamix.Source {
	rs := make([]*datamix.Record, n)
	for i := range rs {
		rs[i] = datamix.NewText(fmt.Sprint(name, " ", i))
		rs[i].Origin = datamix.Origin{Path: name, Row: int64(i)}
	}
	return source.Records(rs...)
}

func exampleMix() *mix.Mix {
	m, err := mix.New(mix.Recipe{Seed: 42, Total: 8, Parts: []mix.Part{
		{Name: "math", Source: texts("math", 100), Quantity: mix.Share(0.25)},
		{Name: "chat", Source: texts("chat", 100), Quantity: mix.Share(0.75)},
	}}, nil)
	if err != nil {
		panic(err)
	}
	return m
}

func ExampleNew() {
	for r, err := range exampleMix().Records(context.Background()) {
		fmt.Println(r.Origin.Source, r.Text(), err)
	}
	// Output:
	// chat chat 59 <nil>
	// math math 32 <nil>
	// chat chat 29 <nil>
	// chat chat 55 <nil>
	// chat chat 10 <nil>
	// math math 8 <nil>
	// chat chat 82 <nil>
	// chat chat 6 <nil>
}

func ExampleMix_Resume() {
	ctx := context.Background()
	c, err := exampleMix().Cursor(ctx)
	if err != nil {
		panic(err)
	}
	for r := range c.Records(ctx) {
		fmt.Println("before:", r.Text())
		if c.State().Rows == 2 {
			break
		}
	}
	saved, err := json.Marshal(c.State())
	if err != nil {
		panic(err)
	}

	var s mix.State // in another process
	if err := json.Unmarshal(saved, &s); err != nil {
		panic(err)
	}
	c, err = exampleMix().Resume(ctx, s, nil)
	if err != nil {
		panic(err)
	}
	for r := range c.Records(ctx) {
		fmt.Println("after:", r.Text())
	}
	// Output:
	// before: chat 59
	// before: math 32
	// after: chat 29
	// after: chat 55
	// after: chat 10
	// after: math 8
	// after: chat 82
	// after: chat 6
}

func ExampleMix_Open() {
	ctx := context.Background()
	v, err := exampleMix().Open(ctx)
	if err != nil {
		panic(err)
	}
	defer v.Close()
	r, err := v.At(ctx, v.Len()-1)
	fmt.Println(r.Text(), err)
	// Output: chat 6 <nil>
}

func ExampleMix_Shard() {
	m := exampleMix()
	for k := range 2 {
		shard, err := m.Shard(k, 2)
		if err != nil {
			panic(err)
		}
		for r := range shard.Records(context.Background()) {
			fmt.Println(k, r.Text())
		}
	}
	// Output:
	// 0 chat 59
	// 0 math 32
	// 0 chat 55
	// 0 chat 82
	// 1 chat 29
	// 1 math 8
	// 1 chat 10
	// 1 chat 6
}

func ExampleMix_Estimate() {
	e, err := exampleMix().Estimate(context.Background(), nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(e.Parts[1].Name, e.Parts[1].Rows, e.Feasible())
	// Output: chat 100 yes
}

func ExampleReadIndex() {
	x, err := exampleMix().Measure(context.Background(), "math")
	if err != nil {
		panic(err)
	}
	data, err := x.MarshalBinary() // or WriteTo a file
	if err != nil {
		panic(err)
	}
	var y mix.Index
	err = y.UnmarshalBinary(data)
	fmt.Println(y.Len(), y.At(7).Place.Origin, y.Ledger.Read, err)
	// Output: 100 math:7 100 <nil>
}
