package mix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/samber/lo"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/sink"
	"github.com/datamix-go/datamix/source"
)

// From says in a recipe file where the records of a part come from.
type From struct {
	// Path is a file, a folder or a glob ("data/*.jsonl.gz", "data/**"),
	// relative to the recipe.
	Path string `json:"path"`
	// Options are those of source.Files; their keys stand beside path. Without
	// any, format and schema are found by looking.
	source.Options `yaml:",inline"`
}

// FilterSpec names a filter in a recipe file: its name alone, or a name with
// options: no_empty_turns, {max_tokens: 4096}, {match: {pattern: "..."}}.
type FilterSpec struct{ datamix.Spec }

// UnmarshalJSON reads either form.
func (f *FilterSpec) UnmarshalJSON(b []byte) (err error) {
	f.Spec, err = filter.ParseSpec(b)
	return err
}

// MarshalJSON writes the form that UnmarshalJSON reads.
func (f FilterSpec) MarshalJSON() ([]byte, error) {
	switch {
	case f.Name == "not" && len(f.Inner) == 1:
		return json.Marshal(map[string]FilterSpec{f.Name: {f.Inner[0]}})
	case len(f.Inner) > 0:
		inner := lo.Map(f.Inner, func(s datamix.Spec, _ int) FilterSpec { return FilterSpec{s} })
		return json.Marshal(map[string][]FilterSpec{f.Name: inner})
	case len(f.Options) == 0:
		return json.Marshal(f.Name)
	}
	return json.Marshal(map[string]json.RawMessage{f.Name: f.Options})
}

// Output says in a recipe file what is written, and where.
type Output struct {
	// Dir is the folder, relative to the recipe.
	Dir string `json:"dir"`
	// Format is jsonl (the default) or parquet.
	Format string `json:"format,omitempty"`
	// Options are those of the sink; their keys stand beside dir.
	sink.Options `yaml:",inline"`
}

// Env is what Build resolves names with. The zero value of each field is its
// default.
type Env struct {
	// Filters maps names to filters; nil stands for those of package filter
	// with the recipe's tokenizer. Add to a registry of filter.Registry to
	// bring one's own.
	Filters *datamix.Registry[datamix.Filter]
	// Quarantine takes bad rows where the recipe asks for it.
	Quarantine datamix.Sink
}

// Build resolves what the recipe only names: sources, filters, the tokenizer and
// the policy for bad rows. Values that are set already stay. nil stands for the
// zero Env. It opens no data.
func (r *Recipe) Build(env *Env) error { return r.inFile(r.build(env)) }

func (r *Recipe) build(env *Env) error {
	if env == nil {
		env = &Env{}
	}
	if err := r.buildTokenizer(); err != nil {
		return &misplaced{"tokenizer", fmt.Errorf("%w: tokenizer: %w", ErrRecipe, err)}
	}
	if err := r.buildTemplate(); err != nil {
		return &misplaced{"chat_template", fmt.Errorf("%w: chat_template: %w", ErrRecipe, err)}
	}
	if r.OnError == nil && r.Bad != nil {
		p, err := r.Bad.policy(env.Quarantine)
		if err != nil {
			return err
		}
		r.OnError = p
	}
	registry := env.Filters
	if registry == nil {
		registry = filter.Registry(r.Tokenizer)
	}
	if err := buildFilters(&r.Filters, &r.FilterSpecs, registry); err != nil {
		return &misplaced{"filters", fmt.Errorf("%w: %w", ErrRecipe, err)}
	}
	return r.buildParts(r.Parts, "", nil, registry)
}

// buildParts builds the parts of a group, whose place in the recipe is at.
func (r *Recipe) buildParts(parts []Part, group string, at []int, registry *datamix.Registry[datamix.Filter]) error {
	for i := range parts {
		p := &parts[i]
		at := append(at[:len(at):len(at)], i)
		path := join(group, p.Name)
		if p.Source == nil && p.From != nil {
			src, err := r.open(p.From)
			if err != nil {
				return &misplaced{place(at) + ".source", fmt.Errorf("%w: part %s: %w", ErrRecipe, path, err)}
			}
			p.Source = src
		}
		if err := buildFilters(&p.Filters, &p.FilterSpecs, registry); err != nil {
			return &misplaced{place(at) + ".filters", fmt.Errorf("%w: part %s: %w", ErrRecipe, path, err)}
		}
		if err := r.buildParts(p.Parts, path, at, registry); err != nil {
			return err
		}
	}
	return nil
}

// buildFilters appends the filters that specs describe, once.
func buildFilters(filters *[]datamix.Filter, specs *[]FilterSpec, registry *datamix.Registry[datamix.Filter]) error {
	for _, s := range *specs {
		f, err := registry.Build(s.Spec)
		if err != nil {
			return fmt.Errorf("filter %w", err)
		}
		*filters = append(*filters, f)
	}
	*specs = nil
	return nil
}

// open returns the source of the files at a path. What a record is called in
// its Origin, and so what is drawn, depends on the path below the folder that
// the recipe names, not on where that folder is.
func (r *Recipe) open(from *From) (datamix.Source, error) {
	if from.Path == "" {
		return nil, errors.New("source has no path")
	}
	base, pattern := splitPattern(from.Path)
	root := r.path(base)
	if _, err := os.Stat(root); err != nil {
		return nil, fmt.Errorf("source %s: %w", from.Path, withoutPath(err))
	}
	options := from.Options
	return source.Files(os.DirFS(root), pattern, &options), nil
}

// splitPattern splits a path into the folder that is named outright and the
// pattern below it.
func splitPattern(path string) (base, pattern string) {
	path = filepath.ToSlash(filepath.Clean(path))
	parts := strings.Split(path, "/")
	at := len(parts) - 1
	for i, p := range parts {
		if strings.ContainsAny(p, "*?[") {
			at = min(at, i)
			break
		}
	}
	base = strings.Join(parts[:at], "/")
	switch {
	case base == "" && strings.HasPrefix(path, "/"):
		base = "/"
	case base == "":
		base = "."
	}
	return base, strings.Join(parts[at:], "/")
}

func withoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// path makes a path of the recipe absolute or relative to the working folder.
func (r *Recipe) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(r.dir, filepath.FromSlash(p))
}

// Sink returns the folder that the recipe's Output describes.
func (r *Recipe) Sink() (*sink.Folder, error) {
	o := r.Output
	if o == nil || o.Dir == "" {
		return nil, at("output", "it names no output folder: output: {dir: ...}")
	}
	options := o.Options
	switch o.Format {
	case "", "jsonl":
		return sink.JSONL(r.path(o.Dir), &options), nil
	case "parquet":
		return sink.Parquet(r.path(o.Dir), &options), nil
	}
	return nil, at("output", "output: unknown format %q; known are jsonl, parquet", o.Format)
}

var _ datamix.Source = (*Mix)(nil)

// Run draws the mix of a recipe from a file into its output folder. Beside the
// shards it writes the report as text, JSON, Markdown and HTML, and a dataset
// card; see package report.
func Run(ctx context.Context, r *Recipe, o *Options) (datamix.Report, error) {
	out, err := r.Sink()
	if err != nil {
		return datamix.Report{}, r.inFile(err)
	}
	if err := out.Check(); err != nil { // now, and not when all is measured
		return datamix.Report{}, r.inFile(&misplaced{"output", fmt.Errorf("output: %w", err)})
	}
	out.Attach(r.page().Attachments()...)
	if err := r.Build(&Env{Quarantine: out.Quarantine()}); err != nil {
		return datamix.Report{}, err
	}
	m, err := New(*r, o)
	if err != nil {
		return datamix.Report{}, err
	}
	return datamix.Run(ctx, m, out)
}
