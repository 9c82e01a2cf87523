package tokenize_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix/internal/shareddata"
)

// The texts here are those of testdata/parity.py, to the byte.

var parityAlphabet = []string{
	"a", "the", "S", "'", "'s", "'re", "'LL", "1", "23", "4567", " ", "  ", "\n", "\r\n", "\t", ".", "...", "(", "_", "/", "é", "É", "中",
	"文字", "か", "—", "。", "\u3000", "\u00a0", "\u0085", "١", "²", "😀", "ſ", "\v", "\x1c", "\x00", "e\u0301", "\u0301", "\u200b", "A", "aB",
	"ǅ", "ª", "कि", "ا", "hello", " world", "ab cd", "=", "\u2581", "한", "\u1112\u1161", "ﬁ", "Å", "\u1ab0", "🇫🇷", "\x7f", "việc", "10", "\u1df6\u0301",
}

// randomTexts returns n texts over an alphabet.
func randomTexts(n int, alphabet []string) []string {
	state := uint64(1)
	below := func(bound int) int {
		state = state*6364136223846793005 + 1442695040888963407
		return int(state >> 33 % uint64(bound))
	}
	out := make([]string, n)
	for i := range out {
		pool := alphabet
		if below(3) == 0 {
			pool = make([]string, 4)
			for j := range pool {
				pool[j] = alphabet[below(len(alphabet))]
			}
		}
		var b strings.Builder
		for range 1 + below(12) {
			part := pool[below(len(pool))]
			b.WriteString(strings.Repeat(part, 1+max(0, below(12)-8)))
		}
		out[i] = b.String()
	}
	return out
}

// sharedTexts returns the first limit bytes of text of every shared data file.
func sharedTexts(t testing.TB, limit int) map[string][]string {
	root := shareddata.Dir(t)
	out := map[string][]string{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) == ".parquet" {
			return err
		}
		content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		require.NoError(t, err)
		if strings.HasSuffix(name, ".gz") {
			z, err := gzip.NewReader(bytes.NewReader(content))
			require.NoError(t, err)
			content, err = io.ReadAll(z)
			require.NoError(t, err)
		}
		texts := lineTexts
		if kind := path.Ext(strings.TrimSuffix(name, ".gz")); kind == ".json" || kind == ".jsonl" {
			texts = jsonTexts
		}
		total := 0
		out[name] = []string{}
		texts(content, func(text string) bool {
			if text != "" && !strings.ContainsRune(text, '\ufffd') {
				out[name] = append(out[name], text)
				total += len(text)
			}
			return total < limit
		})
		return nil
	})
	require.NoError(t, err)
	return out
}

// jsonTexts calls yield for the strings of a JSON document, or of JSON lines.
func jsonTexts(content []byte, yield func(string) bool) {
	if all, ok := stringsOf(content); ok {
		for _, s := range all {
			if !yield(s) {
				return
			}
		}
		return
	}
	for line := range bytes.SplitSeq(content, []byte{'\n'}) {
		all, _ := stringsOf(line)
		for _, s := range all {
			if !yield(s) {
				return
			}
		}
	}
}

// stringsOf returns the string values of a JSON document in order.
func stringsOf(raw []byte) (out []string, ok bool) {
	if !json.Valid(raw) {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	type level struct{ object, key bool }
	var levels []level
	for {
		token, err := d.Token()
		if err != nil {
			return out, true
		}
		in := len(levels) - 1
		switch v := token.(type) {
		case json.Delim:
			if v == '}' || v == ']' {
				levels = levels[:in]
				continue
			}
			if in >= 0 {
				levels[in].key = levels[in].object
			}
			levels = append(levels, level{v == '{', v == '{'})
		default:
			if in >= 0 && levels[in].object && levels[in].key {
				levels[in].key = false
				continue
			}
			if in >= 0 {
				levels[in].key = levels[in].object
			}
			if s, is := v.(string); is {
				out = append(out, s)
			}
		}
	}
}

// lineTexts calls yield for blocks of lines of at least 4 KiB.
func lineTexts(content []byte, yield func(string) bool) {
	var block []byte
	for line := range bytes.SplitSeq(content, []byte{'\n'}) {
		block = append(append(block, line...), '\n')
		if len(block) >= 4096 {
			if !yield(string(bytes.ToValidUTF8(block, []byte("\ufffd")))) {
				return
			}
			block = nil
		}
	}
	yield(string(bytes.ToValidUTF8(block, []byte("\ufffd"))))
}
