package tokenize

import (
	"io"

	"github.com/pkoukk/tiktoken-go-loader/assets"
	"github.com/zeebo/xxh3"

	"github.com/datamix-go/datamix"
)

// known is what follows from an encoding and takes milliseconds to work out. A mix
// from the cache needs nothing else of a tokenizer.
type known struct {
	longest     int
	fingerprint string
}

// knownRanks is the XXH3 of the embedded files that known is of. A file that is
// another one, in a later version of the module that embeds it, is read at once.
var knownRanks = map[string]string{
	"cl100k_base.tiktoken": "7cdb781bb5d59657aa5d7bf38900641a",
	"o200k_base.tiktoken":  "dee5d4ced09a2db672a095e82ca109d6",
	"p50k_base.tiktoken":   "1bfe2eadd49e9688f2d3fa62565e6e17",
	"r50k_base.tiktoken":   "aa5ef69a716d8a563cb2fbe95939bd2d",
}

// knownEncodings has the encodings without options by name; a test holds it against
// what they are built of.
var knownEncodings = map[string]known{
	"cl100k_base":   {128, "2b9f59e7a5c9d897d4bc2d932047bad6af59df78d4c3e4de13dcd3ec08a9a6fb"},
	"gpt2":          {128, "250ec92bd7d628ba2c0e84e78a85ddff148e4b9d969de1e5bba00425ca5d1307"},
	"o200k_base":    {128, "ca5c31f89657c564668692feab5d8754b4298d826bcfdeb861aa38a6cb0f9caa"},
	"o200k_harmony": {128, "110914c9d8326af2ee769e59a4887f61c186c972316f02945fe4ecdf52dee281"},
	"p50k_base":     {128, "dfac41ab56258915a128b434ddc95aa00172a26a604cb2be5fb630fbdaa500c2"},
	"p50k_edit":     {128, "38050e595851c6e91039e998506a22cbbb0ea02f043ce48f5613f5426ebf5f6a"},
	"r50k_base":     {128, "250ec92bd7d628ba2c0e84e78a85ddff148e4b9d969de1e5bba00425ca5d1307"},
}

// known returns what is known of an encoding before its ranks are read.
func (d definition) known(name string, o Options) (known, bool) {
	k, ok := knownEncodings[name]
	if !ok || o != (Options{}) {
		return k, false
	}
	sum, err := ranksSum(d.ranks)
	return k, err == nil && sum == knownRanks[d.ranks]
}

// ranksSum returns the XXH3 of an embedded file, in hexadecimal.
func ranksSum(file string) (string, error) {
	f, err := assets.Assets.Open(file)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // it is in memory
	h := xxh3.New()
	if _, err := io.CopyBuffer(h, f, make([]byte, 32<<10)); err != nil {
		return "", err
	}
	return datamix.Hash(h.Sum128().Bytes()).String(), nil
}
