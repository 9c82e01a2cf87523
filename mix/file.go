package mix

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"

	"github.com/datamix-go/datamix"
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

// policy returns what the file says, quarantine being a sink or nil.
func (b *BadRows) policy(quarantine datamix.Sink) (datamix.ErrorPolicy, error) {
	var p datamix.ErrorPolicy
	switch {
	case b.SkipAtMost != nil && b.SkipRatio != nil:
		return nil, bad("bad_rows has both skip_at_most and skip_ratio; it can have one")
	case b.SkipAtMost != nil && *b.SkipAtMost >= 0:
		p = datamix.SkipAtMost(*b.SkipAtMost)
	case b.SkipRatio != nil && *b.SkipRatio >= 0 && *b.SkipRatio <= 1:
		p = datamix.SkipRatio(*b.SkipRatio)
	default:
		return nil, bad("bad_rows needs skip_at_most (a number of rows, from 0) or skip_ratio (0 to 1)")
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
// twice and values of the wrong type are errors that name the line and show it;
// so are recipes that contradict themselves. name is for messages.
func Parse(data []byte, name string) (*Recipe, error) {
	r := &Recipe{}
	err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict(), yaml.UseJSONUnmarshaler()).Decode(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrRecipe, name, err)
	}
	if err := r.Check(); err != nil {
		return nil, fmt.Errorf("%s%s: %w", name, line(data, err), err)
	}
	return r, nil
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
	r.dir, r.text = filepath.Dir(path), string(data)
	return r, nil
}

// partFault is what is wrong with one part of a recipe: the at[1]-th part of
// group at[0], and so on.
type partFault struct {
	at  []int
	err error
}

func (f *partFault) Error() string { return f.err.Error() }
func (f *partFault) Unwrap() error { return f.err }

// stageFault is what is wrong with one stage of a recipe.
type stageFault struct {
	at  int
	err error
}

func (f *stageFault) Error() string { return f.err.Error() }
func (f *stageFault) Unwrap() error { return f.err }

// line returns ", line N" for an error about a part or a stage.
func line(data []byte, err error) string {
	at := "$"
	var stage *stageFault
	var part *partFault
	switch {
	case errors.As(err, &stage):
		at += fmt.Sprintf(".stages[%d]", stage.at)
	case errors.As(err, &part):
		for _, i := range part.at {
			at += fmt.Sprintf(".parts[%d]", i)
		}
		if len(part.at) == 0 {
			at = "$.parts"
		}
	default:
		return ""
	}
	path, err := yaml.PathString(at)
	if err != nil {
		return ""
	}
	node, err := path.ReadNode(bytes.NewReader(data))
	if err != nil || node.GetToken() == nil {
		return ""
	}
	return fmt.Sprintf(", line %d", node.GetToken().Position.Line)
}
