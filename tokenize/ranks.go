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
func embeddedRanks(file string) (*bpe.Texts, error) {
	content, err := assets.Assets.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return parseRanks(file, content)
}

func parseRanks(file string, content []byte) (*bpe.Texts, error) {
	ends := make([]uint32, 0, bytes.Count(content, []byte{'\n'})+1)
	text := make([]byte, 0, len(content)/2) // all tokens
	for number := 1; len(content) > 0; number++ {
		var line []byte
		line, content, _ = bytes.Cut(content, []byte{'\n'})
		if len(line) == 0 {
			continue
		}
		code, digits, _ := bytes.Cut(line, []byte{' '})
		from := len(text)
		var err error
		if text, err = base64.StdEncoding.AppendDecode(text, code); err != nil || len(text) == from {
			return nil, fmt.Errorf("%s, line %d: %.60q is not base64 of some bytes", file, number, code)
		}
		rank, err := strconv.ParseUint(string(digits), 10, 21)
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: the rank: %w", file, number, err)
		}
		if int(rank) < len(ends) {
			return nil, fmt.Errorf("%s, line %d: rank %d is not above the rank of the line before", file, number, rank)
		}
		for len(ends) < int(rank) {
			ends = append(ends, uint32(from))
		}
		ends = append(ends, uint32(len(text)))
	}
	return bpe.NewTexts(string(text), ends), nil
}
