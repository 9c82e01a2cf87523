// Package tokenizetest is the conformance suite for tokenizers of other makers.
package tokenizetest

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/datamix-go/datamix"
)

// texts are what every tokenizer must take: empty, spaces and newlines of all
// kinds, several scripts, invalid UTF-8, text that looks like special tokens.
var texts = []string{
	"", " ", "a", "hello world", "  two  spaces  ", "\t\r\n\n x \n", "it's THEY'LL 'tis", "1234567 3.14 ٣٤٥",
	"Zażółć gęślą jaźń", "日本語のテキスト。漢字", "العربية", "ไทย", "👩‍👩‍👧 🇫🇷", "e\u0301 \u00a0\u3000\u200b",
	"<|endoftext|><s></s>[INST]<|im_start|>", "a\xffb\xc3", "\x00\x01", strings.Repeat("ab", 2000), strings.Repeat(" ", 300), strings.Repeat("=", 1000),
	"func main() {\n\tfmt.Println(\"hi\")\n}\n",
}

// upTo is what tokenizers may have besides: counting that stops at a limit. It
// returns the number of tokens and true if they are at most limit, else limit+1
// and false.
type upTo interface {
	CountUpTo(text string, limit int) (n int, fits bool)
}

// Run checks that t is deterministic and safe for concurrent use, that Append
// appends, and that Count is the number of tokens that it appends. If t has a
// CountUpTo as *tokenize.Tokenizer has it, that must agree with Count.
func Run(tb testing.TB, t datamix.Tokenizer) {
	tb.Helper()
	want := make([][]uint32, len(texts))
	for i, text := range texts {
		want[i] = t.Append(nil, text)
		if n := t.Count(text); n != len(want[i]) {
			tb.Errorf("Count(%.40q) = %d, but Append appends %d tokens", text, n, len(want[i]))
		}
		if text == "" && len(want[i]) != 0 {
			tb.Errorf("the empty text has %d tokens, want 0", len(want[i]))
		}
		if text != "" && len(want[i]) > len(text)*3 {
			tb.Errorf("%.40q has %d tokens for %d bytes", text, len(want[i]), len(text))
		}
		before := []uint32{7, 8, 9}
		if got := t.Append(before[:2:3], text); len(got) < 2 || !slices.Equal(got[:2], before[:2]) || !slices.Equal(got[2:], want[i]) {
			tb.Errorf("Append(%.40q) does not append to what it is given", text)
		}
	}
	if u, ok := t.(upTo); ok {
		checkUpTo(tb, u, want)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i, text := range texts {
				if got := t.Append(nil, text); !slices.Equal(got, want[i]) {
					tb.Errorf("Append(%.40q) differs between goroutines", text)
				}
			}
		})
	}
	wg.Wait()
}

func checkUpTo(tb testing.TB, t upTo, want [][]uint32) {
	tb.Helper()
	for i, text := range texts {
		for _, limit := range []int{-1, 0, 1, len(want[i]) - 1, len(want[i]), len(want[i]) + 1, 1 << 30} {
			n, fits := t.CountUpTo(text, limit)
			switch {
			case len(want[i]) <= limit && (!fits || n != len(want[i])):
				tb.Errorf("CountUpTo(%.40q, %d) = %d, %v, want %d, true", text, limit, n, fits, len(want[i]))
			case len(want[i]) > limit && (fits || n != limit+1):
				tb.Errorf("CountUpTo(%.40q, %d) = %d, %v, want %d, false", text, limit, n, fits, limit+1)
			}
		}
	}
}
