package tokenize

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/pkoukk/tiktoken-go-loader/assets"

	"github.com/datamix-go/datamix/tokenize/internal/bpe"
)

// embeddedRanks reads one of the files of ranks that tiktoken-go-loader embeds:
// lines of a token in base64 and its rank, in order of rank.
func embeddedRanks(file string) ([]bpe.Token, error) {
	content, err := assets.Assets.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return parseRanks(file, content)
}

func parseRanks(file string, content []byte) ([]bpe.Token, error) {
	tokens := make([]bpe.Token, 0, bytes.Count(content, []byte{'\n'})+1)
	text := make([]byte, 0, len(content)) // all tokens, so that there is one allocation
	for number := 1; len(content) > 0; number++ {
		var line []byte
		line, content, _ = bytes.Cut(content, []byte{'\n'})
		if len(line) == 0 {
			continue
		}
		code, digits, _ := bytes.Cut(line, []byte{' '})
		from := len(text)
		var err error
		if text, err = base64.StdEncoding.AppendDecode(text, code); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", file, number, err)
		}
		rank, err := strconv.ParseUint(string(digits), 10, 21)
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: the rank: %w", file, number, err)
		}
		if n := len(tokens); n > 0 && tokens[n-1].ID >= uint32(rank) {
			return nil, fmt.Errorf("%s, line %d: rank %d is not above the rank of the line before", file, number, rank)
		}
		tokens = append(tokens, bpe.Token{Text: string(text[from:]), ID: uint32(rank)})
	}
	return tokens, nil
}
