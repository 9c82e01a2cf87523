package split

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// families are all families, by way of the references.
func families() []*Family {
	return []*Family{&GPT2, &Digits, &CL100K, &Qwen2, &Qwen35, &O200K, &Tekken, &DeepSeek}
}

func walked(f *Family, text string) (out []int) {
	for at := 0; at < len(text); {
		at = f.Next(text, at)
		out = append(out, at)
	}
	return out
}

func scanned(t testing.TB, s *Scanner, text string) (out []int) {
	for at := 0; at < len(text); {
		chunk, starts, ok := s.Next(text, at)
		require.True(t, ok, "%q", text)
		for _, p := range starts[1:] {
			out = append(out, at+int(p))
		}
		end := int(starts[len(starts)-1])
		require.Positive(t, end)
		require.Equal(t, text[at:at+end], chunk[:end])
		at += end
	}
	return out
}

func TestScannerFindsWhatTheWalkFinds(t *testing.T) {
	for _, f := range families() {
		t.Run(f.Name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(3, 4))
			s := NewScanner(f)
			for range 60000 {
				text := strings.Repeat("x", rng.IntN(70)) + random(rng, 60)
				if !assert.Equal(t, walked(f, text), scanned(t, s, text), "%q", text) {
					return
				}
			}
			for range 150 {
				text := ""
				for len(text) < 12000 {
					text += random(rng, 40)
				}
				if !assert.Equal(t, walked(f, text), scanned(t, s, text), "%q", text) {
					return
				}
			}
		})
	}
}

// TestChunksEndWherePiecesStart cuts long texts of a few parts over and over, most of
// them without spaces, where the chunks that are scanned end in many ways.
func TestChunksEndWherePiecesStart(t *testing.T) {
	for _, f := range families() {
		t.Run(f.Name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(5, 6))
			s := NewScanner(f)
			for range 400 {
				unit := ""
				for range 1 + rng.IntN(4) {
					unit += alphabet[rng.IntN(len(alphabet))]
				}
				text := strings.Repeat("x", rng.IntN(9)) + strings.Repeat(unit, 9000/len(unit)) + random(rng, 9)
				if !assert.Equal(t, walked(f, text), scanned(t, s, text), "%q", unit) {
					return
				}
			}
		})
	}
}

// TestScannerCutsAllSequencesOfThree puts all sequences where two blocks meet.
func TestScannerCutsAllSequencesOfThree(t *testing.T) {
	for _, f := range families() {
		t.Run(f.Name, func(t *testing.T) {
			s := NewScanner(f)
			threes(func(middle string) bool {
				for _, before := range []int{0, 57, 60, 61, 62, 63} {
					text := strings.Repeat("b ", before/2) + "x"[:before%2] + middle + "c"
					if !assert.Equal(t, walked(f, text), scanned(t, s, text), "%q", text) {
						return false
					}
				}
				return true
			})
		})
	}
}

// BenchmarkScan finds the starts of pieces in texts of some scripts.
func BenchmarkScan(b *testing.B) {
	for script, sentence := range map[string]string{
		"latin": "The quick brown fox, aged 12, doesn't jump. ", "accents": "Où est passé l'été à Besançon ? ", "cyrillic": "Съешь ещё этих мягких булок, Иван. ",
		"han": "河流经过老磨坊，水车还在转。", "kana": "いろはにほへと、カタカナも読む。", "thai": "กินข้าวหรือยัง ไปไหนมา ", "bengali": "আমি আজ বাড়ি যাব। ",
	} {
		for _, f := range families() {
			b.Run(script+"/"+f.Name, func(b *testing.B) {
				s, text := NewScanner(f), strings.Repeat(sentence, 4000/len(sentence))
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					for at := 0; at < len(text); {
						_, starts, _ := s.Next(text, at)
						at += int(starts[len(starts)-1])
					}
				}
			})
		}
	}
}
