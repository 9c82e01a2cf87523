package source

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"strconv"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/datamix-go/datamix"
)

// Identity describes the options and the files that a range over the source
// would read now: of each its path, size, time of modification, and a hash of
// 16 samples of 4 KiB, the first and the last of the file among them (of a member
// of an archive its first 64 KiB). Files of at most 64 KiB, and those without a
// time, such as embedded ones, are hashed whole. What it cannot notice is a change of a larger file that leaves its size
// and time alone and falls between the samples. There is none for options with
// an Adapter that has no Spec, see schema.Named, and where a file cannot be read.
func (s *FileSource) Identity(ctx context.Context) (string, bool) {
	if s.err != nil {
		return "", false
	}
	options := s.set.Options
	options.Workers = 0 // changes nothing
	text, err := json.Marshal(options)
	if err != nil {
		return "", false
	}
	if options.Adapter != nil {
		spec, ok := datamix.Describe(options.Adapter)
		adapter, err := json.Marshal(spec)
		if !ok || err != nil {
			return "", false
		}
		text = append(text, adapter...)
	}
	places, done, err := s.list()
	if err != nil {
		return "", false
	}
	defer done()
	id := append([]byte(s.name+" "), text...)
	for _, p := range places {
		if ctx.Err() != nil {
			return "", false
		}
		id = append(strconv.AppendQuote(append(id, ' '), p.path), ' ')
		if id, err = appendFileIdentity(id, p); err != nil {
			return "", false
		}
	}
	return string(id), true
}

const (
	sampleBytes  = 4 << 10
	samplesTaken = 16
)

func appendFileIdentity(id []byte, p place) ([]byte, error) {
	f, err := p.open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	h := xxh3.New()
	if st := stat(f); st != nil && !st.ModTime().IsZero() {
		id = append(strconv.AppendInt(id, st.Size(), 10), '@')
		id = append(st.ModTime().UTC().AppendFormat(id, time.RFC3339Nano), ' ')
		if st.Size() > sampleBytes*samplesTaken {
			err = hashSamples(h, f, st.Size())
			return strconv.AppendUint(id, h.Sum64(), 16), err
		}
	}
	n, err := io.Copy(h, f)
	id = append(strconv.AppendInt(id, n, 10), ' ')
	return strconv.AppendUint(id, h.Sum64(), 16), err
}

func stat(f io.ReadCloser) fs.FileInfo {
	file, ok := f.(fs.File)
	if !ok {
		return nil
	}
	st, err := file.Stat()
	if err != nil {
		return nil
	}
	return st
}

// hashSamples hashes samples of a file, of one that cannot seek its start.
func hashSamples(h io.Writer, f io.Reader, size int64) error {
	at, ok := f.(io.ReaderAt)
	if !ok {
		_, err := io.CopyN(h, f, sampleBytes*samplesTaken)
		return err
	}
	buf := make([]byte, sampleBytes)
	for i := range int64(samplesTaken) {
		n, err := at.ReadAt(buf, (size-sampleBytes)*i/(samplesTaken-1))
		if err != nil && n < len(buf) {
			return err
		}
		if _, err := h.Write(buf); err != nil {
			return err
		}
	}
	return nil
}
