package tokenize_test

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/tokenize"
)

// form is a small tokenizer of testdata/forms.json: a base, and what it sets.
type form struct {
	Name, Base string
	Set        map[string]any
}

type formsFile struct {
	Alphabet []string
	Bases    map[string]map[string]any
	Forms    []form
}

func readForms(t testing.TB) (f formsFile) {
	raw, err := os.ReadFile(filepath.Join("testdata", "forms.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &f))
	return f
}

// build returns the tokenizer.json of a form, as testdata/forms.py builds it.
func (f formsFile) build(t testing.TB, form form) string {
	model := map[string]any{"type": "BPE", "dropout": nil, "unk_token": nil}
	maps.Copy(model, f.Bases[form.Base])
	file := map[string]any{"added_tokens": []any{}}
	for k, v := range form.Set {
		switch k {
		case "model":
			maps.Copy(model, v.(map[string]any))
		case "drop":
			vocab := maps.Clone(model["vocab"].(map[string]any))
			for _, token := range v.([]any) {
				delete(vocab, token.(string))
			}
			model["vocab"] = vocab
		default:
			file[k] = v
		}
	}
	if model["type"] == nil {
		delete(model, "type")
	}
	if model["merges"] == "pairs" {
		var pairs [][]string
		for _, m := range f.Bases[form.Base]["merges"].([]any) {
			pairs = append(pairs, strings.Split(m.(string), " "))
		}
		model["merges"] = pairs
	}
	file["model"] = model
	raw, err := json.Marshal(file)
	require.NoError(t, err)
	return string(raw)
}

// TestExpands holds that a tokenizer which says that texts have no more tokens than
// bytes is right.
func TestExpands(t *testing.T) {
	f := readForms(t)
	some := 0
	for _, form := range f.Forms {
		for _, o := range []*tokenize.Options{nil, {Special: tokenize.Parse, AddSpecialTokens: true}} {
			tok, err := tokenize.Read(strings.NewReader(f.build(t, form)), form.Name, o)
			require.NoError(t, err)
			if tok.Expands() {
				continue
			}
			some++
			for _, text := range randomTexts(500, f.Alphabet) {
				require.LessOrEqual(t, tok.Count(text), len(text), "%q with %s", text, form.Name)
			}
		}
	}
	assert.Greater(t, some, 20)
}

// TestForms compares small tokenizers of all forms that tokenizer.json files
// have with what Hugging Face's tokenizers makes of random texts.
func TestForms(t *testing.T) {
	lines, err := os.Open(filepath.Join("testdata", "forms.tsv"))
	require.NoError(t, err)
	defer lines.Close()
	want := map[string][]parityLine{}
	for s := bufio.NewScanner(lines); s.Scan(); {
		field := strings.Split(s.Text(), "\t")
		l := parityLine{tokenizer: field[0], what: field[1]}
		if len(field) == 5 {
			l.texts, _ = strconv.Atoi(field[2])
			l.tokens, _ = strconv.Atoi(field[3])
			l.hash = field[4]
		}
		want[l.tokenizer] = append(want[l.tokenizer], l)
	}
	f := readForms(t)
	assert.Len(t, want, len(f.Forms))
	for _, form := range f.Forms {
		t.Run(form.Name, func(t *testing.T) {
			file := f.build(t, form)
			for _, l := range want[form.Name] {
				opts := &tokenize.Options{}
				if l.what == "special" {
					opts = &tokenize.Options{Special: tokenize.Parse, AddSpecialTokens: true}
				}
				tok, err := tokenize.Read(strings.NewReader(file), form.Name, opts)
				if l.what == "error" {
					require.Error(t, err)
					return
				}
				require.NoError(t, err)
				compare(t, tok, l, randomTexts(l.texts, f.Alphabet))
			}
		})
	}
	assert.NotEmpty(t, slices.Collect(maps.Keys(want)))
}
