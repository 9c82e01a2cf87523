package mix_test

import (
	"encoding/json"
	"flag"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/internal/shape"
	"github.com/datamix-go/datamix/source"
	"github.com/datamix-go/datamix/source/schema"
)

var update = flag.Bool("update", false, "write the golden files")

const schemaFile = "../docs/recipe.schema.json"

// TestSchemaIsThatOfTheStruct generates the JSON Schema of a recipe from the
// struct and its documentation, and holds the file against it.
func TestSchemaIsThatOfTheStruct(t *testing.T) {
	g := &schemaGenerator{docs: map[string]string{}, enums: map[string][]any{}, defs: map[string]any{}}
	for _, dir := range []string{".", "../source", "../source/schema", "../sink", "../filter", ".."} {
		g.read(t, dir)
	}
	root := g.object(reflect.TypeFor[mix.Recipe]())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "datamix recipe"
	root["required"] = []string{"parts"}
	root["$defs"] = g.defs
	got, err := json.MarshalIndent(root, "", "  ")
	require.NoError(t, err)
	got = append(got, '\n')
	if *update {
		require.NoError(t, os.WriteFile(schemaFile, got, 0o644))
	}
	want, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), "go test ./mix -run Schema -update writes it anew")
}

// schemaGenerator makes JSON Schemas of types, with their doc comments.
type schemaGenerator struct {
	docs  map[string]string // by package/Type.Field
	enums map[string][]any  // by package.Type, of named strings
	defs  map[string]any
}

// read collects what a package says of its types.
func (g *schemaGenerator) read(t *testing.T, dir string) {
	abs, err := filepath.Abs(dir)
	require.NoError(t, err)
	pkg := filepath.Base(abs)
	if dir == ".." {
		pkg = "datamix"
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if st, ok := s.Type.(*ast.StructType); ok {
						for _, f := range st.Fields.List {
							for _, n := range f.Names {
								if dir != "." {
									continue // what other packages say is theirs to change
								}
								g.docs[pkg+"."+s.Name.Name+"."+n.Name] = oneLine(f.Doc.Text())
							}
						}
					}
				case *ast.ValueSpec:
					typ, ok := s.Type.(*ast.Ident)
					if d.Tok != token.CONST || !ok || len(s.Values) != 1 {
						continue
					}
					if lit, ok := s.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
						value := constant.StringVal(constant.MakeFromLiteral(lit.Value, token.STRING, 0))
						g.enums[pkg+"."+typ.Name] = append(g.enums[pkg+"."+typ.Name], value)
					}
				}
			}
		}
	}
}

func oneLine(doc string) string { return strings.Join(strings.Fields(doc), " ") }

func typeName(t reflect.Type) string { return path.Base(t.PkgPath()) + "." + t.Name() }

type object = map[string]any

var (
	wholeNumber = object{"anyOf": []any{object{"type": "integer", "minimum": 0}, object{"type": "string", "pattern": "^[0-9][0-9_]*$"}}}
	anyNumber   = object{"anyOf": []any{object{"type": "number", "minimum": 0}, object{"type": "string", "pattern": "^[0-9][0-9_]*(\\.[0-9_]*)?$"}}}
)

// schema returns the schema of a type.
func (g *schemaGenerator) schema(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[mix.Fraction]():
		return object{"anyOf": []any{object{"type": "number", "minimum": 0, "maximum": 1},
			object{"type": "string", "pattern": "^[0-9_]*\\.?[0-9_]+ ?%?$|^[0-9_]+ ?/ ?[0-9_]+$"}}}
	case reflect.TypeFor[mix.Total]():
		return object{"anyOf": append([]any{object{"const": "largest"}}, wholeNumber["anyOf"].([]any)...)}
	case reflect.TypeFor[mix.FilterSpec]():
		return object{"anyOf": []any{object{"type": "string"}, object{"type": "object", "minProperties": 1, "maxProperties": 1}}}
	case reflect.TypeFor[source.Comma]():
		return map[string]any{"anyOf": []any{map[string]any{"type": "string", "minLength": 1, "maxLength": 1}, map[string]any{"type": "integer", "minimum": 0, "maximum": 127}}}
	case reflect.TypeFor[schema.ColumnNames]():
		return object{"anyOf": []any{object{"type": "string"}, object{"type": "array", "items": object{"type": "string"}}}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.schema(t.Elem())
	case reflect.Slice:
		return object{"type": "array", "items": g.schema(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": g.schema(t.Elem())}
	case reflect.Interface:
		return object{} // anything
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.String:
		if values := g.enums[typeName(t)]; len(values) > 0 {
			return object{"enum": values}
		}
		return object{"type": "string"}
	case reflect.Float64:
		return anyNumber
	case reflect.Struct:
		name := strings.ToLower(strings.ReplaceAll(typeName(t), ".", "_"))
		if _, known := g.defs[name]; !known {
			g.defs[name] = nil // for types that hold themselves
			g.defs[name] = g.object(t)
		}
		return object{"$ref": "#/$defs/" + name}
	}
	return wholeNumber
}

// object returns the schema of a struct.
func (g *schemaGenerator) object(t reflect.Type) object {
	properties := object{}
	for _, f := range shape.Fields(t) {
		s := object{}
		for k, v := range g.schema(f.Type) {
			s[k] = v
		}
		if doc := g.docs[typeName(f.In)+"."+f.Name]; doc != "" {
			s["description"] = doc
		}
		properties[f.Key] = s
	}
	o := object{"type": "object", "properties": properties, "additionalProperties": false}
	quantities := []string{"share", "weight", "rows", "tokens", "trainable_tokens", "all", "epochs", "rest"}
	switch t {
	case reflect.TypeFor[mix.Part]():
		o["required"] = []string{"name"}
		o["oneOf"] = append(oneOf(quantities), object{"not": object{"anyOf": oneOf(quantities)}})
	case reflect.TypeFor[mix.StagePart]():
		o["required"] = []string{"name"}
		o["oneOf"] = oneOf(quantities)
	case reflect.TypeFor[mix.Stage]():
		o["required"] = []string{"name"}
	case reflect.TypeFor[mix.Bound]():
		o["oneOf"] = oneOf([]string{"rows", "tokens", "trainable_tokens"})
	case reflect.TypeFor[mix.Weights]():
		o["oneOf"] = oneOf([]string{"temperature", "unimax"})
	case reflect.TypeFor[mix.From]():
		o["required"] = []string{"path"}
	}
	return o
}

func oneOf(keys []string) (out []any) {
	for _, k := range keys {
		out = append(out, object{"required": []string{k}})
	}
	return out
}

// valid holds a recipe in YAML or JSON against the schema.
func valid(t *testing.T, text string) error {
	t.Helper()
	s, err := jsonschema.Compile(schemaFile)
	require.NoError(t, err)
	data, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err)
	var v any
	require.NoError(t, json.Unmarshal(data, &v))
	return s.Validate(v)
}

func TestSchemaTakesWhatParseTakes(t *testing.T) {
	counting := "tokenizer: gpt-4\ntokenizer_options: {parse_special: true}\nchat_template: chatml\n" +
		"template_options: {variables: {thinking: false, levels: [1, {a: null}]}, date: 2026-07-26, bos: <s>, text_eos: true}\nparts: [{name: a, rows: 3}]\n"
	for _, text := range []string{wholeRecipe, treeRecipe, exampleOf(t), counting} {
		_, err := mix.Parse([]byte(text), "r")
		require.NoError(t, err)
		require.NoError(t, valid(t, text))
		r, err := mix.Parse([]byte(text), "r")
		require.NoError(t, err)
		again, err := json.Marshal(r)
		require.NoError(t, err)
		require.NoError(t, valid(t, string(again)), string(again))
	}
	for _, text := range []string{
		"seed: 1\n",
		"parts: [{name: a, shar: 3}]",
		"parts: [{name: a, rows: 3, share: 3%}]",
		"parts: [{rows: 3}]",
		"parts: [{name: a, rows: 1.5}]",
		"parts: [{name: a, rows: 3, unit: words}]",
		"parts: [{name: a, rows: 3, max: {rows: 3, tokens: 3}}]",
		"parts: [{name: a, share: lots}]",
		"parts: [{name: a, share: 1}]\ntotal: many",
		"parts: [{name: a, share: 1}]\norder: wild",
		"parts: [{name: a, rows: 1, parts: [{name: b, rows: 1, wieght: 2}]}]",
		"parts: [{name: a, rows: 1}]\nfilters: [{a: 1, b: 2}]",
		"parts: [{name: a, rows: 1}]\nweights: {temperature: 3, unimax: 2}",
		"parts: [{name: a, rows: 1, source: {pth: x}}]",
		"parts: [{name: a, rows: 1}]\nstages: [{name: s, parts: [{name: a}]}]",
	} {
		_, err := mix.Parse([]byte(text), "r")
		require.Error(t, err, text)
		require.Error(t, valid(t, text), text)
	}
}

// exampleOf returns the full example of docs/recipe.md.
func exampleOf(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../docs/recipe.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1)
	require.NotEmpty(t, blocks)
	return string(blocks[0][1])
}

// TestDocumentationOfTheRecipe parses every example of docs/recipe.md, and looks
// for every key.
func TestDocumentationOfTheRecipe(t *testing.T) {
	text, err := os.ReadFile("../docs/recipe.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1)
	require.Greater(t, len(blocks), 8)
	for _, b := range blocks {
		_, err := mix.Parse(b[1], "docs/recipe.md")
		require.NoError(t, err, string(b[1]))
		require.NoError(t, valid(t, string(b[1])), string(b[1]))
	}
	seen := map[reflect.Type]bool{}
	var look func(t reflect.Type)
	look = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || seen[typ] || typ == reflect.TypeFor[mix.FilterSpec]() {
			return
		}
		seen[typ] = true
		for _, f := range shape.Fields(typ) {
			assert.True(t, strings.Contains(string(text), f.Key), "%s.%s: %s is not described", typ, f.Name, f.Key)
			look(f.Type)
		}
	}
	look(reflect.TypeFor[mix.Recipe]())
	for _, name := range filter.Registry(nil).Names() {
		assert.True(t, strings.Contains(string(text), "`"+name), "filter %s is not described", name)
	}
}
