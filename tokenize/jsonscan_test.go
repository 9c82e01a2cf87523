package tokenize

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// slowly reads a document with encoding/json alone; ok is false for what is none
// that File reads: a vocab of other values than whole numbers, merges that are
// neither strings nor lists of two.
func slowly(raw []byte) (vocab map[string]uint32, merges [][2]string, ok bool) {
	var doc struct {
		Model struct {
			Vocab  map[string]json.RawMessage `json:"vocab"`
			Merges []json.RawMessage          `json:"merges"`
		} `json:"model"`
	}
	if json.Unmarshal(raw, &doc) != nil || doc.Model.Vocab == nil {
		return nil, nil, false
	}
	vocab = map[string]uint32{}
	for token, id := range doc.Model.Vocab {
		n := uint32(0)
		if string(id) == "null" || json.Unmarshal(id, &n) != nil || n > maxID {
			return nil, nil, false
		}
		vocab[token] = n
	}
	for _, merge := range doc.Model.Merges {
		var text string
		var list []*string
		if merge[0] == '[' {
			if json.Unmarshal(merge, &list) != nil || len(list) != 2 || list[0] == nil || list[1] == nil {
				return nil, nil, false
			}
			merges = append(merges, [2]string{*list[0], *list[1]})
			continue
		}
		if string(merge) == "null" || json.Unmarshal(merge, &text) != nil {
			return nil, nil, false
		}
		if strings.HasPrefix(text, "#version") {
			continue
		}
		if strings.Count(text, " ") != 1 {
			return nil, nil, false
		}
		left, right, _ := strings.Cut(text, " ")
		merges = append(merges, [2]string{left, right})
	}
	return vocab, merges, true
}

// quickly does so with the scanner.
func quickly(raw []byte) (vocab map[string]uint32, merges [][2]string, ok bool) {
	p, ok := partsOf(raw)
	if !ok || json.Unmarshal(p.without(raw), &hfFile{}) != nil {
		return nil, nil, false
	}
	v, err := readVocab(raw[p.vocab.from:p.vocab.to])
	if err != nil {
		return nil, nil, false
	}
	vocab = map[string]uint32{}
	for i, id := range v.ids {
		vocab[string(v.spelled(uint32(i)))] = id
	}
	if p.merges.to == 0 {
		return vocab, nil, true
	}
	r := mergeReader{vocab: v}
	s := jsonScanner{raw: raw[p.merges.from:p.merges.to]}
	ok = s.elements(func() bool {
		left, right, err := r.tokens(&s)
		if err == nil && left != nil {
			merges = append(merges, [2]string{string(left), string(right)})
		}
		return err == nil
	})
	return vocab, merges, ok && s.next() == 0
}

// FuzzScan compares the scanner with encoding/json on any document. The keys are
// spelled as they are in files: encoding/json takes them in any case.
func FuzzScan(f *testing.F) {
	for _, doc := range []string{
		`{"model":{"vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}}`,
		` {"x":[{"vocab":{}}],"model" : {"merges" : [ ["a","b"] , "b a"] , "vocab" : { "a" : 1 , "\u00e9\n\"\\":2 } , "type":"BPE"} , "y":null}`,
		`{"model":{"vocab":{"a":0,"a":1},"merges":["#version: 0.2","\u0120 a"]}}`,
		`{"model":{"vocab":{"a":01}}}`, `{"model":{"vocab":{"a":-1}}}`, `{"model":{"vocab":{"a":1.0}}}`, `{"model":{"vocab":{"a":1}}`,
		`{"model":{"vocab":{"a":1,}}}`, `{"model":{"vocab":[]}}`, `{"model":{"vocab":{},"merges":null}}`, `{"model":null}`, `[]`, `{}`, `nul`,
		`{"model":{"vocab":{"\ud83d\ude00":1,"\ud83d":2,"` + "\xff" + `":3}}}`, `{"model":{"vocab":{"a}":4294967296}}}`,
		`{"model":{"vocab":{"a long token of more than eight bytes":5},"merges":[["a","b","c"]]}}`, `{"model":{"vocab":{"a":1]}}`,
		`{"model":{"vocab":{"a":1},"merges":["a b"}}`, `{"model":{"vocab":{"a":1},"vocab":{"b":2}}}`, "{\"model\":{\"vocab\":{\"a\tb\":1}}}",
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if bytes.Contains(bytes.ToLower(raw), []byte("config")) || bytes.Count(raw, []byte("model"))+bytes.Count(raw, []byte(`\u`)) > 1 {
			return
		}
		for _, key := range []string{"vocab", "merges", "model"} { // folded ones, and those of which the last stands
			if strings.Count(strings.ToLower(strings.Map(foldsToASCII, string(raw))), key) != bytes.Count(raw, []byte(`"`+key+`"`)) || bytes.Count(raw, []byte(`"`+key+`"`)) > 1 {
				return
			}
		}
		vocab, merges, ok := slowly(raw)
		gotVocab, gotMerges, gotOK := quickly(raw)
		if !json.Valid(raw) {
			require.False(t, gotOK, "no JSON: %s", raw)
		}
		if !ok {
			return // hfFile has other fields, which may be wrong
		}
		if json.Unmarshal(raw, &hfFile{}) == nil {
			require.True(t, gotOK, "%s", raw)
			require.Equal(t, vocab, gotVocab)
			require.Equal(t, merges, gotMerges)
		}
	})
}

// foldsToASCII turns the two characters that encoding/json takes for letters of
// ASCII into these.
func foldsToASCII(r rune) rune {
	switch r {
	case 'ſ':
		return 's'
	case '\u212a':
		return 'k'
	}
	return r
}

// TestSpellings looks up all tokens of a vocab, some of which differ in a byte.
func TestSpellings(t *testing.T) {
	var doc bytes.Buffer
	want := map[string]uint32{}
	doc.WriteString("{")
	for i := range 20_000 {
		token := strings.Repeat("x", i%40) + string(rune('a'+i%26)) + string(rune(0x4e00+i))
		if i > 0 {
			doc.WriteString(", ")
		}
		key, err := json.Marshal(token)
		require.NoError(t, err)
		id, err := json.Marshal(i)
		require.NoError(t, err)
		doc.Write(append(append(key, ':'), id...))
		want[token] = uint32(i)
	}
	doc.WriteString("}")
	v, err := readVocab(doc.Bytes())
	require.NoError(t, err)
	require.Len(t, v.ids, len(want))
	for token, id := range want {
		got, ok := v.id(token)
		require.True(t, ok)
		require.Equal(t, id, got)
		_, ok = v.id(token + "x")
		require.False(t, ok)
	}
}
