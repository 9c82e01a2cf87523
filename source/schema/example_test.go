package schema_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/source/schema"
)

// newRow makes a row as a reader does.
func newRow(raw string) *datamix.Record {
	var a datamix.Arena
	r, err := a.JSON([]byte(raw), datamix.Origin{Path: "data.jsonl"})
	if err != nil {
		panic(err)
	}
	return r
}

func printChat(r *datamix.Record) {
	for _, m := range r.Messages() {
		fmt.Printf("%s: %s\n", m.Role, m.Content)
	}
}

func ExampleDetect() {
	r := newRow(`{"question": "How many legs has a crab?", "answer": "Ten.", "source": "quiz"}`)
	name, adapter, err := schema.Detect(r)
	if err != nil {
		panic(err)
	}
	fmt.Println(name)
	if err := adapter.Adapt(r, printChat); err != nil {
		panic(err)
	}
	// Output:
	// question_answer
	// user: How many legs has a crab?
	// assistant: Ten.
}

func ExampleByName() {
	adapter, err := schema.ByName("sharegpt")
	if err != nil {
		panic(err)
	}
	r := newRow(`{"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello."}]}`)
	if err := adapter.Adapt(r, printChat); err != nil {
		panic(err)
	}
	// Output:
	// user: Hi
	// assistant: Hello.
}

func ExampleNamed() {
	shout := schema.Func(func(r *datamix.Record, emit func(*datamix.Record)) error {
		text, err := r.FieldText("line")
		if err != nil {
			return err
		}
		r.AdaptText(strings.ToUpper(text), "line")
		emit(r)
		return nil
	})
	spec, ok := datamix.Describe(schema.Named("shout", 2, shout))
	fmt.Println(spec.Name, spec.Version, ok)
	_, ok = datamix.Describe(shout)
	fmt.Println(ok)
	// Output:
	// shout 2 true
	// false
}

func ExampleNew() {
	adapter, err := schema.New("instances", &schema.Options{Instances: "all"})
	if err != nil {
		panic(err)
	}
	r := newRow(`{"instruction": "Add one.", "instances": [{"input": "1", "output": "2"}, {"input": "7", "output": "8"}]}`)
	err = adapter.Adapt(r, func(r *datamix.Record) { fmt.Printf("%s %q %q\n", r.ID(), r.Prompt(), r.Response()) })
	if err != nil {
		panic(err)
	}
	// Output:
	// data.jsonl:0 "Add one.\n\n1" "2"
	// data.jsonl:0.1 "Add one.\n\n7" "8"
}

func ExampleFromColumns() {
	var columns schema.Columns
	if err := json.Unmarshal([]byte(`{"user": ["Body", "Question"], "assistant": "Answer", "labels": {"category": "Type"}}`), &columns); err != nil {
		panic(err)
	}
	adapter, err := schema.FromColumns(columns)
	if err != nil {
		panic(err)
	}
	r := newRow(`{"Body": "Ann has 3 nuts.", "Question": "How many nuts?", "Answer": "3", "Type": "sums"}`)
	if err := adapter.Adapt(r, printChat); err != nil {
		panic(err)
	}
	fmt.Println(r.Label("category"))
	// Output:
	// user: Ann has 3 nuts.
	//
	// How many nuts?
	// assistant: 3
	// sums
}

func ExampleFunc() {
	upper := schema.Func(func(r *datamix.Record, emit func(*datamix.Record)) error {
		line, err := r.FieldText("line")
		if err != nil {
			return err
		}
		r.AdaptText(strings.ToUpper(line), "line")
		emit(r)
		return nil
	})
	if err := upper.Adapt(newRow(`{"line": "all hands on deck"}`), func(r *datamix.Record) { fmt.Println(r.Text()) }); err != nil {
		panic(err)
	}
	// Output: ALL HANDS ON DECK
}
