package mix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"

	"github.com/zeebo/xxh3"

	"github.com/datamix-go/datamix"
)

// The cache is a folder of indexes, one file for each part that was measured,
// named by a hash of everything that its content depends on. What is not there,
// cannot be read or is damaged is measured again; nothing is ever changed in
// place, so that any number of processes may share a folder.

// measureVersion goes up whenever measuring the same records in the same way
// gives another index.
const measureVersion = 1

// cacheKey is what an index depends on.
type cacheKey struct {
	Version   int            `json:"version"`
	Build     string         `json:"build"`
	Source    string         `json:"source"`
	Filters   []datamix.Spec `json:"filters"`
	Tokenizer *datamix.Spec  `json:"tokenizer"`
	Dedup     string         `json:"dedup"`
	Prefer    string         `json:"prefer"`
	Strata    string         `json:"strata"`
}

const module = "github.com/datamix-go/datamix"

// build tells versions of this library apart: another one may adapt or count
// otherwise. A program that is built without version control has none.
var build = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range info.Deps {
		if m.Path == module {
			return m.Version
		}
	}
	version := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && info.Main.Path == module {
			version += " " + s.Value
		}
	}
	return version
})

// cacheFile returns the path of the file for a part, "" where its index cannot
// be cached: there is no folder for it, or the part has no key.
func (m *Mix) cacheFile(ctx context.Context, part *Part) string {
	if m.options.CacheDir == "" {
		return ""
	}
	key, ok := m.cacheKey(ctx, part)
	if !ok {
		return ""
	}
	return filepath.Join(m.options.CacheDir, datamix.Hash(xxh3.Hash128(key).Bytes()).String()+".index")
}

// cacheKey returns what the index of a part depends on. There is none where its
// source has no identity, or a filter or the tokenizer no Spec.
func (m *Mix) cacheKey(ctx context.Context, part *Part) ([]byte, bool) {
	key := cacheKey{Version: measureVersion, Build: build(), Dedup: string(m.recipe.Dedup), Prefer: part.Prefer, Strata: part.Strata}
	var ok bool
	if key.Source, ok = datamix.Identity(ctx, part.Source); !ok {
		return nil, false
	}
	for _, f := range m.filters(part) {
		spec, ok := datamix.Describe(f)
		if !ok {
			return nil, false
		}
		key.Filters = append(key.Filters, spec)
	}
	if m.recipe.Tokenizer != nil {
		spec, ok := datamix.Describe(m.recipe.Tokenizer)
		if !ok {
			return nil, false
		}
		key.Tokenizer = &spec
	}
	text, err := json.Marshal(key)
	return text, err == nil
}

// Identity covers the recipe and what the indexes of its parts depend on, so that a
// mix that is a part of another is measured once. There is none where a part cannot
// be cached or bad rows go to a sink.
func (m *Mix) Identity(ctx context.Context) (string, bool) {
	policy := m.policy()
	text, err := json.Marshal(&m.recipe)
	if err != nil || m.recipe.OnError != nil && policy == policyUnknown {
		return "", false
	}
	id := fmt.Sprintf("mix %s %s %d/%d", text, policy, m.shard.Number, m.shard.Of)
	for i := range m.leaves {
		key, ok := m.cacheKey(ctx, &m.leaves[i])
		if !ok {
			return "", false
		}
		id += " " + string(key)
	}
	return id, true
}

// cached reads an index from the cache, nil where it has none that is of use.
func (m *Mix) cached(file string) *Index {
	if file == "" {
		return nil
	}
	x, err := openIndex(file)
	if err != nil || !x.Whole() {
		return nil
	}
	if x.Ledger.Skipped > 0 && (x.policy == policyUnknown || x.policy != m.policy()) {
		return nil // the policy, a quarantine for one, is to see the bad rows
	}
	return x
}

// policyUnknown stands for a policy without a Spec, such as a quarantine.
const policyUnknown = "?"

// policy describes what the recipe does with bad rows.
func (m *Mix) policy() string {
	spec, ok := datamix.Describe(m.recipe.OnError)
	text, err := json.Marshal(spec)
	if !ok || err != nil {
		return policyUnknown
	}
	return string(text)
}

// keep writes something to a file of the cache. Where that fails, because the disk
// is full for example, the next run is slower and this one goes on.
func keep(file string, x io.WriterTo) {
	if w, err := newCacheWriter(file); err == nil {
		_, err = x.WriteTo(w)
		w.close(err == nil)
	}
}

// cacheWriter writes a file of the cache, under a temporary name until it is whole.
type cacheWriter struct {
	*os.File
	path string
}

func newCacheWriter(path string) (*cacheWriter, error) {
	f, err := os.CreateTemp(filepath.Dir(path), cacheTemp)
	return &cacheWriter{f, path}, err
}

// close gives the file its name if it is whole, and removes it otherwise.
func (w *cacheWriter) close(whole bool) {
	err := errors.Join(w.Chmod(0o644), w.Close())
	if err == nil && whole {
		err = os.Rename(w.Name(), w.path)
	}
	if err != nil || !whole {
		_ = os.Remove(w.Name()) // what is left over does no harm
	}
}

const cacheTemp = ".*.index.tmp"

// makeCache makes the folder of the cache and tries to write to it, so that a
// wrong path is known before the work and not after it.
func makeCache(dir string) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("datamix/mix: cache: %w", err)
	}
	f, err := os.CreateTemp(dir, cacheTemp)
	if err != nil {
		return fmt.Errorf("datamix/mix: cache: %w", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
