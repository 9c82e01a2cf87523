package datamix

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ErrUnknownName is in the error for a name that a registry does not hold.
var ErrUnknownName = errors.New("datamix: unknown name")

// Spec describes a stage, filter, sampler or tokenizer so that reports can name
// it, caches can trust it and another machine can rebuild it by name.
type Spec struct {
	// Name is what a registry knows the thing by, such as "max_tokens".
	Name string `json:"name"`
	// Version goes up whenever the same options give other results.
	Version int `json:"version,omitempty"`
	// Options is what the constructor needs, as JSON.
	Options json.RawMessage `json:"options,omitempty"`
	// Inner holds the Specs of what the thing is made of, such as the filters
	// of a Where.
	Inner []Spec `json:"inner,omitempty"`
}

// NewSpec returns a Spec with options marshalled to JSON; nil means none. It
// panics when options cannot be marshalled, which is an error of the program.
func NewSpec(name string, version int, options any) Spec {
	s := Spec{Name: name, Version: version}
	if options != nil {
		b, err := json.Marshal(options)
		if err != nil {
			panic(fmt.Sprintf("datamix: options of %s: %v", name, err))
		}
		s.Options = b
	}
	return s
}

// Describer is what describes itself. Use the function Describe.
type Describer interface {
	// Spec returns the description; ok is false when the thing cannot be
	// described, because it holds a Go function without a name, say.
	Spec() (s Spec, ok bool)
}

// Describe returns the Spec of a stage, filter, sampler, source or tokenizer.
func Describe(x any) (Spec, bool) {
	if d, is := x.(Describer); is {
		return d.Spec()
	}
	return Spec{}, false
}

// describeAll returns the Specs of all of xs, false when one has none.
func describeAll[T any](xs []T) ([]Spec, bool) {
	specs := make([]Spec, 0, len(xs))
	for _, x := range xs {
		s, ok := Describe(x)
		if !ok {
			return nil, false
		}
		specs = append(specs, s)
	}
	return specs, true
}

// nameOf returns the name in x's Spec, or other.
func nameOf(x any, other string) string {
	if s, ok := Describe(x); ok {
		return s.Name
	}
	return other
}

// Registry maps names to constructors. It is a plain value: there is no global
// one. The zero Registry is empty and ready to use; it is safe for concurrent
// use once nobody adds to it any more.
type Registry[T any] struct {
	build map[string]func(Spec) (T, error)
}

// Add makes name known. A name that is known already is an error.
func (g *Registry[T]) Add(name string, build func(Spec) (T, error)) error {
	if _, known := g.build[name]; known {
		return fmt.Errorf("datamix: the name %q is registered already", name)
	}
	if g.build == nil {
		g.build = map[string]func(Spec) (T, error){}
	}
	g.build[name] = build
	return nil
}

// Names returns the known names in order.
func (g *Registry[T]) Names() []string { return slices.Sorted(maps.Keys(g.build)) }

// Build returns what s describes. An unknown name is an error that wraps
// ErrUnknownName and lists the known ones.
func (g *Registry[T]) Build(s Spec) (T, error) {
	build, ok := g.build[s.Name]
	if !ok {
		var none T
		return none, fmt.Errorf("%w: %q; known are %s", ErrUnknownName, s.Name, strings.Join(g.Names(), ", "))
	}
	x, err := build(s)
	if err != nil {
		return x, fmt.Errorf("%s: %w", s.Name, err)
	}
	return x, nil
}

// BuildStages returns a registry of the stages of this package: "where" and
// "parallel" over the filters, "count" over the tokenizers, "on_error" with
// the policies skip_at_most and skip_ratio. Samplers and stages of other
// packages are added to it by name. Either registry may be nil.
func BuildStages(filters *Registry[Filter], tokenizers *Registry[Tokenizer]) *Registry[Stage] {
	b := stageBuilder{filters, tokenizers}
	return &Registry[Stage]{build: map[string]func(Spec) (Stage, error){
		"where":    func(s Spec) (Stage, error) { return b.step(s) },
		"count":    func(s Spec) (Stage, error) { return b.step(s) },
		"parallel": b.parallel,
		"on_error": b.onError,
	}}
}

type stageBuilder struct {
	filters    *Registry[Filter]
	tokenizers *Registry[Tokenizer]
}

func (b stageBuilder) step(s Spec) (Step, error) {
	switch {
	case s.Name == "where" && b.filters != nil:
		filters, err := buildAll(s.Inner, b.filters.Build)
		return Where(filters...), err
	case s.Name == "count" && b.tokenizers != nil && len(s.Inner) == 1:
		t, err := b.tokenizers.Build(s.Inner[0])
		if err != nil {
			return Step{}, err
		}
		return Count(t), nil
	}
	return Step{}, fmt.Errorf("%w: step %q", ErrUnknownName, s.Name)
}

func (b stageBuilder) parallel(s Spec) (Stage, error) {
	steps, err := buildAll(s.Inner, b.step)
	return Parallel(0, steps...), err
}

func (b stageBuilder) onError(s Spec) (Stage, error) {
	policies := Registry[ErrorPolicy]{build: map[string]func(Spec) (ErrorPolicy, error){
		"skip_at_most": func(s Spec) (ErrorPolicy, error) {
			var n skipAtMost
			err := json.Unmarshal(s.Options, &n)
			return n, err
		},
		"skip_ratio": func(s Spec) (ErrorPolicy, error) {
			var p skipRatio
			err := json.Unmarshal(s.Options, &p)
			return p, err
		},
	}}
	all, err := buildAll(s.Inner, policies.Build)
	if err != nil {
		return nil, err
	}
	if len(all) != 1 {
		return nil, fmt.Errorf("it has %d policies, want 1", len(all))
	}
	return OnError(all[0]), nil
}

func buildAll[T any](specs []Spec, build func(Spec) (T, error)) ([]T, error) {
	var out []T
	for _, s := range specs {
		x, err := build(s)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}
