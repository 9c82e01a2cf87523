package schema_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/source/schema"
)

// chatRow is a row of six turns and about size bytes, with line feeds as chats
// have them, and with quotes in every line if quotes is set.
func chatRow(column, role, content string, size int, quotes bool) []byte {
	line := "the quick brown fox says hello to the lazy dog and goes on to the river\n"
	if quotes {
		line = strings.ReplaceAll(line, "hello", `"hello"`)
	}
	var turns []any
	for i := range 6 {
		text := fmt.Sprintf("turn %d: ", i) + strings.Repeat(line, size/6/len(line))
		turns = append(turns, map[string]string{role: [2]string{"user", "assistant"}[i%2], content: text})
	}
	raw, err := json.Marshal(map[string]any{"id": "chat-17", column: turns, "source": "bench"})
	if err != nil {
		panic(err)
	}
	return raw
}

func BenchmarkAdapt(b *testing.B) {
	text := strings.Repeat("Name three rivers that flow into a lake.\n", 20)
	pair, _ := json.Marshal(map[string]string{"instruction": text, "input": "", "output": text})
	doc, _ := json.Marshal(map[string]string{"id": "d1", "text": text + text})
	plain := []byte(`{"messages":[{"role":"user","content":"` + strings.Repeat("what is it about ", 60) + `"},{"role":"assistant","content":"` +
		strings.Repeat("it is about that ", 60) + `"}]}`)
	for _, c := range []struct {
		name string
		raw  []byte
	}{
		{"messages", chatRow("messages", "role", "content", 2000, false)},
		{"messages-quotes", chatRow("messages", "role", "content", 2000, true)},
		{"messages-no-escapes", plain},
		{"sharegpt", chatRow("conversations", "from", "value", 2000, false)},
		{"alpaca", pair},
		{"text", doc},
	} {
		b.Run(c.name, func(b *testing.B) { benchmark(b, c.raw) })
	}
}

// benchmark adapts the rows of one arena again and again.
func benchmark(b *testing.B, raw []byte) {
	arena := &datamix.Arena{}
	rows := make([]*datamix.Record, 64)
	for i := range rows {
		var err error
		if rows[i], err = arena.JSON(raw, datamix.Origin{}); err != nil {
			b.Fatal(err)
		}
	}
	_, a, err := schema.Detect(rows[0])
	if err != nil {
		b.Fatal(err)
	}
	emit := func(*datamix.Record) {}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := a.Adapt(rows[i%len(rows)], emit); err != nil {
			b.Fatal(err)
		}
	}
}
