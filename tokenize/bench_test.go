package tokenize_test

import (
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/datamix-go/datamix/tokenize"
)

// benchKinds are the shared files of each kind of text.
var benchKinds = map[string][]string{
	"english": {"alpaca-eval/*", "alpaca-demo/*_en_*", "c4-demo/*", "gsm8k/train.jsonl", "stanford-alpaca/*.json", "dialogsum/*.jsonl", "wiki-demo/*"},
	"code":    {"code-alpaca/*", "gpteacher-codegen/*", "mbpp/*", "octopack-oasst-commit/*manual*"},
	"multi":   {"alpaca-demo/*_zh_*", "mgsm/mgsm_??.tsv", "dolma-cc-sample/*", "tulu3-sample/*", "octopack-oasst-commit/*ft.jsonl"},
}

// benchTexts returns the records of a kind, shuffled: texts of at least 64 bytes;
// of multilingual files those of which a fifth is not ASCII. bench/compare.py
// chooses the same.
func benchTexts(b *testing.B, shared map[string][]string, kind string) (texts []string, size int64) {
	for _, name := range slices.Sorted(maps.Keys(shared)) {
		if !slices.ContainsFunc(benchKinds[kind], func(pattern string) bool { ok, _ := path.Match(pattern, name); return ok }) {
			continue
		}
		for _, text := range shared[name] {
			high := 0
			for i := range len(text) {
				high += int(text[i] >> 7)
			}
			if len(text) < 64 || kind == "multi" && high*5 < len(text) {
				continue
			}
			texts = append(texts, text)
			size += int64(len(text))
		}
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
	return texts, size
}

// BenchmarkCount counts record by record. warm: texts counted before; cold: by a
// worker that has counted nothing; unseen: the second half of the texts after the
// first.
func BenchmarkCount(b *testing.B) {
	shared := sharedTexts(b, 4<<20)
	for _, kind := range []string{"english", "code", "multi"} {
		texts, size := benchTexts(b, shared, kind)
		half := len(texts) / 2
		for _, name := range []string{"cl100k_base", "o200k_base", "llama3.1/tokenizer.json", "qwen3/tokenizer.json", "deepseek-v3/tokenizer.json", "gpt2"} {
			get := sync.OnceValue(func() *tokenize.Tokenizer { return open(b, name, nil) })
			short, _, _ := strings.Cut(name, "/")
			count := func(texts []string) {
				tok := get()
				for _, text := range texts {
					tok.Count(text)
				}
			}
			b.Run(kind+"/"+short+"/warm", func(b *testing.B) {
				count(texts)
				b.SetBytes(size)
				for b.Loop() {
					count(texts)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(texts)), "ns/rec")
			})
			b.Run(kind+"/"+short+"/cold", func(b *testing.B) {
				var spent time.Duration
				for b.Loop() {
					get().Forget()
					start := time.Now()
					count(texts)
					spent += time.Since(start)
				}
				b.ReportMetric(float64(size)*float64(b.N)/1e6/spent.Seconds(), "MB/s")
			})
			b.Run(kind+"/"+short+"/unseen", func(b *testing.B) {
				var spent time.Duration
				unseen := 0
				for _, text := range texts[half:] {
					unseen += len(text)
				}
				for b.Loop() {
					get().Forget()
					count(texts[:half])
					start := time.Now()
					count(texts[half:])
					spent += time.Since(start)
				}
				b.ReportMetric(float64(unseen)*float64(b.N)/1e6/spent.Seconds(), "MB/s")
			})
		}
	}
}
