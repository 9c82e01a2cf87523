package published_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/audit"
	"github.com/datamix-go/datamix/mix/published"
)

func ExampleRecipe() {
	m, err := published.Recipe("llama-3-pretraining")
	if err != nil {
		log.Fatal(err)
	}
	share, _ := m.Numbers("share")
	for i, c := range m.Components {
		fmt.Printf("%s: %.0f %% of the tokens (%s)\n", c.Name, 100*share[i].Value, share[i].Evidence)
	}
	// Output:
	// General knowledge: 50 % of the tokens (P)
	// Mathematical and reasoning: 25 % of the tokens (P)
	// Code: 17 % of the tokens (P)
	// Multilingual: 8 % of the tokens (P)
}

func ExampleNames() {
	for _, name := range published.Names()[:3] {
		fmt.Println(name)
	}
	// Output:
	// cosmopedia-v0.1
	// dclm-7b
	// dclm-cc95-wiki5
}

func ExampleParse() {
	m, err := published.Parse([]byte(`{
		"name": "ours", "title": "Our own", "stage": "sft", "license": "unknown", "unit": "rows", "measure": "share",
		"columns": [{"name": "share", "is": "share", "of": "rows", "evidence": "P", "source": "plan"}],
		"components": [{"id": "chat", "license": "MIT", "values": [0.6]}, {"id": "math", "license": "MIT", "values": [0.4]}],
		"sources": [{"key": "plan", "title": "Our plan"}]
	}`), "ours.json")
	if err != nil {
		log.Fatal(err)
	}
	v, err := m.Verify(map[string]datamix.Tally{"chat": {Rows: 500}, "math": {Rows: 500}}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(v.Err())
	// Output: datamix/mix/published: the set is not the mixture ours: chat: share 50.000 %, published 60.000 %; math: share 50.000 %, published 40.000 %
}

// A thousandth of Tulu 3, from sources in memory.
func ExampleMixture_Recipe() {
	m, err := published.Recipe("tulu-3-sft")
	if err != nil {
		log.Fatal(err)
	}
	sources := map[string]datamix.Source{}
	for i := range m.Components {
		sources[m.Components[i].ID] = generated{m.Components[i].ID, 1000, 0}
	}
	_, err = m.Recipe(&published.Options{Sources: sources})
	var missing *published.MissingFilterError
	fmt.Println(errors.As(err, &missing), missing.Filters[0].Name)

	r, err := m.Recipe(&published.Options{Sources: sources, Total: 939, SkipFilters: m.FilterNames()})
	if err != nil {
		log.Fatal(err)
	}
	drawn, err := mix.New(*r, nil)
	if err != nil {
		log.Fatal(err)
	}
	plan, err := drawn.Plan(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range plan.Parts[:4] {
		fmt.Println(p.Name, p.Rows, p.Labels["license"])
	}
	// Output:
	// true decontaminate
	// hardcoded 0 CC-BY-4.0
	// oasst 7 Apache-2.0
	// no-robots 10 CC-BY-NC-4.0
	// wildchat 100 ODC-BY-1.0
}

// The two stretches of SmolLM1 1.7B, a millionth of their size.
func ExampleCurriculum() {
	var stages []*published.Mixture
	sources := map[string]datamix.Source{}
	for _, name := range []string{"smollm1-1.7b-stage1", "smollm1-1.7b-stage2"} {
		m, err := published.Recipe(name)
		if err != nil {
			log.Fatal(err)
		}
		stages = append(stages, m)
		for _, c := range m.Components {
			sources[c.ID] = generated{c.ID, 2000, 600}
		}
	}
	r, err := published.Curriculum(&published.Options{Sources: sources, Total: 1_048_576}, stages...)
	if err != nil {
		log.Fatal(err)
	}
	m, err := mix.New(*r, nil)
	if err != nil {
		log.Fatal(err)
	}
	plan, err := m.Plan(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range plan.Stages {
		fmt.Println(s.Name, s.Total)
	}
	// Output:
	// smollm1-1.7b-stage1 629146
	// smollm1-1.7b-stage2 419430
}

func ExampleMixture_Verify() {
	m, err := published.Recipe("hermes-3")
	if err != nil {
		log.Fatal(err)
	}
	v, err := m.Verify(map[string]datamix.Tally{
		"General Instructions": {Rows: 600, Tokens: 600_500}, "Domain Expert": {Rows: 130, Tokens: 127_300}, "Math": {Rows: 70, Tokens: 66_200},
		"Roleplaying": {Rows: 60, Tokens: 61_000}, "Coding": {Rows: 50, Tokens: 45_800}, "Tool Use, Agentic, and RAG": {Rows: 45, Tokens: 43_200},
		"Content Generation": {Rows: 30, Tokens: 30_500}, "Steering and Alignment": {Rows: 25, Tokens: 25_500},
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(v.OK, v.Err())
	// Output: true <nil>
}

func ExampleMixture_VerifyAudit() {
	m, err := published.Recipe("losslessmegacode-v3-tiny")
	if err != nil {
		log.Fatal(err)
	}
	set := datamix.SourceFunc(func(context.Context) datamix.Seq {
		return func(yield func(*datamix.Record, error) bool) {
			for i := range 100 {
				r := datamix.NewChat()
				r.SetLabel("kind", []string{"coding", "non-coding"}[i%2])
				if !yield(r, nil) {
					return
				}
			}
		}
	})
	res, err := audit.Records(context.Background(), set, &audit.Options{By: "kind"})
	if err != nil {
		log.Fatal(err)
	}
	v, err := m.VerifyAudit(res, &published.VerifyOptions{Share: 0.05})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(v)
	// Output:
	// losslessmegacode-v3-tiny, by component: does not hold
	// the set has 100 rows
	//
	//   share of rows (share)  published     found        off  allowed
	//                  coding   80.000 %  50.000 %  -30.000 %  7.000 %  P  OFF
	//              non-coding   20.000 %  50.000 %  +30.000 %  7.000 %  P  OFF
}
