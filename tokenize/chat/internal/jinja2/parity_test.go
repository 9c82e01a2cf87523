package jinja2

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ardanlabs/jinja"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var marks = [2]string{"\ufdd0", "\ufdd1"}

// date is the one that testdata/parity.py has.
var date = Options{Now: time.Date(2024, 7, 26, 0, 0, 0, 0, time.UTC)}

// TestParity holds renderings of the templates in testdata against those of
// Python, which testdata/parity.py stored.
func TestParity(t *testing.T) {
	same, total := compareFolder(t, "testdata/templates", "testdata/parity.tsv")
	assert.Equal(t, total, same)
	assert.Greater(t, total, 1000)
	same, total = compareFolder(t, "../../forms", "testdata/forms.tsv")
	assert.Equal(t, total, same)
}

// TestParityElsewhere does the same for a folder of templates that is not part of
// the repository: see testdata/parity.py.
func TestParityElsewhere(t *testing.T) {
	folder, stored := os.Getenv("DATAMIX_TEMPLATES"), os.Getenv("DATAMIX_PARITY")
	if folder == "" || stored == "" {
		t.Skip("DATAMIX_TEMPLATES and DATAMIX_PARITY name no templates: see testdata/parity.py")
	}
	same, total := compareFolder(t, folder, stored)
	t.Logf("%d of %d renderings are those of Python", same, total)
	assert.Equal(t, total, same)
}

// TestRandomParity does the same for random templates, which
// testdata/random_templates.py made.
func TestRandomParity(t *testing.T) {
	chat := readChats(t)[0]
	raw, err := os.ReadFile("testdata/random.jsonl")
	require.NoError(t, err)
	for line := range bytes.Lines(raw) {
		var want struct{ Template, Hash string }
		require.NoError(t, json.Unmarshal(line, &want))
		tmpl, err := Compile(want.Template, date)
		if assert.NoError(t, err, "%q", want.Template) {
			got, text := fingerprint(tmpl, chat)
			assert.Equal(t, want.Hash+" ", got, "%q gives %q", want.Template, text)
		}
	}
}

func compareFolder(t *testing.T, folder, stored string) (same, total int) {
	chats := readChats(t)
	raw, err := os.ReadFile(stored)
	require.NoError(t, err)
	templates := map[string]*Template{}
	failed := map[string]int{}
	for line := range bytes.Lines(raw) {
		f := strings.Split(strings.TrimRight(string(line), "\n"), "\t")
		require.Len(t, f, 4, string(line))
		tmpl, known := templates[f[0]]
		if !known {
			source, err := os.ReadFile(filepath.Join(folder, f[0]))
			require.NoError(t, err)
			tmpl, err = Compile(string(source), date)
			assert.NoError(t, err, f[0])
			templates[f[0]] = tmpl
		}
		if f[1] == "compile" {
			continue
		}
		total++
		if tmpl == nil {
			continue
		}
		n := 0
		_, err := fmt.Sscan(f[1], &n)
		require.NoError(t, err)
		got, text := fingerprint(tmpl, chats[n])
		if want := f[2] + " " + f[3]; got == want {
			same++
		} else if failed[f[0]]++; failed[f[0]] < 3 {
			t.Logf("%s, chat %d: got %s, want %s\n%s", f[0], n, got, want, text)
		}
	}
	return same, total
}

func readChats(t testing.TB) []map[string]Value {
	raw, err := os.ReadFile("testdata/chats.jsonl")
	require.NoError(t, err)
	var chats []map[string]Value
	scanner := bufio.NewScanner(bytes.NewReader(raw))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var parts map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(scanner.Bytes(), &parts))
		vars := map[string]Value{"bos_token": jinja.NewString("<s>"), "eos_token": jinja.NewString("</s>"), "documents": jinja.None()}
		for name, part := range parts {
			v, err := FromJSON(string(part))
			require.NoError(t, err)
			vars[name] = v
		}
		chats = append(chats, vars)
	}
	require.NoError(t, scanner.Err())
	return chats
}

// fingerprint returns what the third and fourth column of the stored lines hold.
func fingerprint(tmpl *Template, chat map[string]Value) (sum, text string) {
	text, spans, err := tmpl.Render(chat, marks)
	if err != nil {
		return "! ", err.Error()
	}
	var list []string
	for _, s := range spans {
		list = append(list, fmt.Sprintf("%d-%d", s.From, s.To))
	}
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:8]) + " " + strings.Join(list, ","), text
}
