package mix

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/shape"
)

// BadRows says in a recipe file what to do with rows that cannot be read or
// adapted. Without it the run ends at the first.
type BadRows struct {
	// SkipAtMost passes over so many bad rows of each part.
	SkipAtMost *int64 `json:"skip_at_most,omitempty"`
	// SkipRatio passes over bad rows as long as they are at most this part of
	// the rows of each part, 0 to 1.
	SkipRatio *float64 `json:"skip_ratio,omitempty"`
	// Quarantine also writes them to quarantine.jsonl in the output folder.
	Quarantine bool `json:"quarantine,omitempty"`
}

func (b *BadRows) check() error {
	if b == nil {
		return nil
	}
	skipping := *b
	skipping.Quarantine = false
	_, err := skipping.policy(nil)
	return err
}

// policy returns what the file says, quarantine being a sink or nil.
func (b *BadRows) policy(quarantine datamix.Sink) (datamix.ErrorPolicy, error) {
	var p datamix.ErrorPolicy
	switch {
	case b.SkipAtMost != nil && b.SkipRatio != nil:
		return nil, at("bad_rows", "bad_rows has both skip_at_most and skip_ratio; it can have one")
	case b.SkipAtMost != nil && *b.SkipAtMost >= 0:
		p = datamix.SkipAtMost(*b.SkipAtMost)
	case b.SkipRatio != nil && *b.SkipRatio >= 0 && *b.SkipRatio <= 1:
		p = datamix.SkipRatio(*b.SkipRatio)
	default:
		return nil, at("bad_rows", "bad_rows needs skip_at_most (a number of rows, from 0) or skip_ratio (0 to 1)")
	}
	if b.Quarantine {
		if quarantine == nil {
			return nil, bad("bad_rows asks for a quarantine, and there is no place for one")
		}
		p = datamix.Quarantine(quarantine, p)
	}
	return p, nil
}

// Parse reads a recipe in YAML or JSON. Keys that no field has, keys that stand
// twice and values of the wrong type are errors that name the line; so are
// recipes that contradict themselves. name is for messages.
func Parse(data []byte, name string) (*Recipe, error) {
	if err := shape.Check(data, reflect.TypeFor[Recipe]()); err != nil {
		return nil, located(name, err)
	}
	r := &Recipe{}
	err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict(), yaml.UseJSONUnmarshaler()).Decode(r)
	if err != nil {
		return nil, located(name, err)
	}
	if err := r.Check(); err != nil {
		return nil, fmt.Errorf("%s%s: %w", name, line(data, err), err)
	}
	return r, nil
}

// located puts the file and, where it is known, the line before an error of the
// parser or the decoder.
func located(name string, err error) error {
	var misfit *shape.Error
	var syntax *yaml.SyntaxError
	switch {
	case errors.As(err, &misfit) && misfit.Line > 0:
		return fmt.Errorf("%s, line %d: %w: %w", name, misfit.Line, ErrRecipe, err)
	case errors.As(err, &syntax) && syntax.Token != nil:
		return fmt.Errorf("%s, line %d: %w: %s", name, syntax.Token.Position.Line, ErrRecipe, syntax.Message)
	}
	return fmt.Errorf("%s: %w: %w", name, ErrRecipe, err)
}

// Read is Parse for the file at path. The recipe remembers the file's folder:
// relative paths in it are relative to that.
func Read(path string) (*Recipe, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r, err := Parse(data, path)
	if err != nil {
		return nil, err
	}
	r.dir, r.file, r.text = filepath.Dir(path), path, string(data)
	return r, nil
}

// misplaced is what is wrong at one place of a recipe.
type misplaced struct {
	at  string // as parts[0].parts[1].max
	err error
}

func (f *misplaced) Error() string { return f.err.Error() }
func (f *misplaced) Unwrap() error { return f.err }

// at is bad for a place in the recipe.
func at(place, format string, args ...any) error { return &misplaced{place, bad(format, args...)} }

// line returns ", line N" for an error that has a place.
func line(data []byte, err error) string {
	var f *misplaced
	if !errors.As(err, &f) {
		return ""
	}
	path, err := yaml.PathString("$." + f.at)
	if err != nil {
		return ""
	}
	node, err := path.ReadNode(bytes.NewReader(data))
	if err != nil || node.GetToken() == nil {
		return ""
	}
	return fmt.Sprintf(", line %d", node.GetToken().Position.Line)
}

// inFile puts the file and the line before what is wrong at a place of a recipe
// that was read from one.
func (r *Recipe) inFile(err error) error {
	if where := line([]byte(r.text), err); r.file != "" && where != "" {
		return fmt.Errorf("%s%s: %w", r.file, where, err)
	}
	return err
}

// place is the place of a part in a recipe: the at[1]-th part of group at[0],
// and so on; that of no part is the list of all.
func place(at []int) string {
	if len(at) == 0 {
		return "parts"
	}
	out := make([]string, len(at))
	for i, n := range at {
		out[i] = fmt.Sprintf("parts[%d]", n)
	}
	return strings.Join(out, ".")
}
