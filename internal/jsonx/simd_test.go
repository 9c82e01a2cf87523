package jsonx

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// narrowly calls f with the functions in assembly turned off.
func narrowly(f func()) {
	was := wide
	wide = false
	defer func() { wide = was }()
	f()
}

// pieces are what strings are made of in the tests of the wide functions: plain
// text, escapes, and things that are wrong.
var pieces = []string{
	"a", "b", " ", "word", "0123456789", "thirty-two bytes of plain content", "é", "文", "😀", `\n`, `\"`, `\\`, `\/`, `\t`,
	`\u00e9`, `\ud83d\ude00`, `\ud800`, `\x`, `\u12`, "\x01", "\x1f", "\x7f", "\xff", `"`, `\`,
}

// TestWideIsNarrow holds every function that uses assembly against itself
// without, at each length up to 300 and each alignment up to 63.
func TestWideIsNarrow(t *testing.T) {
	if !wide {
		t.Skip("there is no assembly here")
	}
	rng := rand.New(rand.NewPCG(3, 4))
	memory := make([]byte, 1024)
	for length := range 301 {
		for align := range 64 {
			made := []byte{'"'}
			// Some strings have one kind of fault only, so that they get far.
			sound := rng.IntN(4) > 0
			for len(made) <= length {
				n := len(pieces)
				if sound {
					n = 16
				}
				made = append(made, pieces[rng.IntN(n)]...)
			}
			made = append(made[:length+1], '"')
			raw := memory[align : align+copy(memory[align:], made)]
			checkWide(t, raw)
			checkWide(t, raw[:len(raw)-1])
		}
	}
}

func checkWide(t *testing.T, raw []byte) {
	t.Helper()
	type result struct {
		text, quoted string
		err, invalid error
		end          int
		buf          int
	}
	all := func() (r result) {
		buf := make([]byte, 0, 4096)
		r.text, r.err = Text(raw, &buf)
		r.buf = len(buf)
		r.quoted = string(AppendString([]byte("x"), string(raw)))
		r.invalid = Valid(raw)
		r.end = closing(raw, min(1, len(raw)))
		return r
	}
	var want result
	narrowly(func() { want = all() })
	require.Equal(t, want, all(), "%q", raw)
	if want.err == nil {
		back, err := Text(AppendString(nil, want.text), nil)
		require.NoError(t, err)
		require.Equal(t, want.text, back)
	}
}

func FuzzWide(f *testing.F) {
	for _, p := range pieces {
		f.Add([]byte(`"` + p + `some text that is longer than thirty-two bytes, and then more of it` + p + `"`))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { checkWide(t, raw) })
}
