package tokenize

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAddedTokensAreFoundLeftmostAndLongest compares with a look at every place,
// for tokens of one to six different first bytes.
func TestAddedTokensAreFoundLeftmostAndLongest(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 1))
	for round := range 2000 {
		firsts := "<|[#a ~"[:1+round%6]
		var tokens []addedToken
		for i := range 1 + rng.IntN(6) {
			first := string(firsts[rng.IntN(len(firsts))])
			content := strings.Repeat(first, 1+max(0, rng.IntN(6)-3)) + strings.Repeat("|", rng.IntN(2)) + strings.Repeat("x", rng.IntN(3))
			tokens = append(tokens, addedToken{ID: uint32(i), Content: content})
		}
		text := ""
		for range rng.IntN(30) {
			part := []string{"<", "|", "[", "#", "a", " ", "x", "xx", "中", "plain text "}[rng.IntN(10)]
			text += strings.Repeat(part, 1+max(0, rng.IntN(8)-4))
		}
		var want, got []string
		plain := ""
		for i := 0; i < len(text); {
			longest := ""
			for _, token := range tokens {
				if strings.HasPrefix(text[i:], token.Content) && len(token.Content) > len(longest) {
					longest = token.Content
				}
			}
			if longest == "" {
				plain += text[i : i+1]
				i++
				continue
			}
			if plain != "" {
				want = append(want, plain)
			}
			want, plain = append(want, "token "+longest), ""
			i += len(longest)
		}
		if plain != "" {
			want = append(want, plain)
		}
		newMatcher(tokens).segments(text, func(part string, token *addedToken) bool {
			if token != nil {
				part = "token " + token.Content
			}
			got = append(got, part)
			return true
		})
		require.Equal(t, want, got, "%q", text)
	}
}
