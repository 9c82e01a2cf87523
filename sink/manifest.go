package sink

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// ManifestName is the name of the file that says what a folder holds. It is
// written last: a folder without it is not complete.
const ManifestName = "manifest.json"

// manifestVersion goes up when the meaning of the manifest changes.
const manifestVersion = 1

// Manifest says what a folder holds. It has no times, so that equal runs have
// equal manifests.
type Manifest struct {
	// Version is that of the manifest's own format, 1.
	Version int `json:"version"`
	// Format is "jsonl" or "parquet".
	Format string `json:"format"`
	// Form is the form of the rows.
	Form Form `json:"form"`
	// Compression is that of the files, for Parquet that of the pages.
	Compression Compression `json:"compression"`
	// Rows, Tokens, Trainable and Bytes sum up the shards.
	Rows      int64 `json:"rows"`
	Tokens    int64 `json:"tokens"`
	Trainable int64 `json:"tokens_trainable"`
	Bytes     int64 `json:"bytes"`
	// Shards are the files in the order in which they were written.
	Shards []Shard `json:"shards"`
	// Files are the names of the other files that were written with the shards.
	Files []string `json:"files,omitempty"`
}

// Shard is one file of a folder.
type Shard struct {
	// Name is the file's name in the folder.
	Name string `json:"name"`
	// Rows is the number of records. Tokens and Trainable are those of their
	// Counts, 0 where tokens were not counted.
	Rows      int64 `json:"rows"`
	Tokens    int64 `json:"tokens"`
	Trainable int64 `json:"tokens_trainable"`
	// Bytes is the size of the file.
	Bytes int64 `json:"bytes"`
	// SHA256 is the hash of the file's bytes, in hexadecimal.
	SHA256 string `json:"sha256"`
}

// ReadManifest reads the manifest of a folder. The error wraps fs.ErrNotExist
// when there is none.
func ReadManifest(dir string) (Manifest, error) {
	path := filepath.Join(dir, ManifestName)
	data, err := os.ReadFile(path)
	if err != nil {
		return Manifest{}, fmt.Errorf("sink: %w", err)
	}
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return Manifest{}, fmt.Errorf("sink: %s is no manifest: %w", path, err)
	}
	if m.Version != manifestVersion {
		return Manifest{}, fmt.Errorf("sink: %s is of version %d, known is %d", path, m.Version, manifestVersion)
	}
	return m, nil
}

// add appends a shard.
func (m *Manifest) add(s Shard) {
	m.Shards = append(m.Shards, s)
	m.Rows += s.Rows
	m.Tokens += s.Tokens
	m.Trainable += s.Trainable
	m.Bytes += s.Bytes
}

// indented returns v as JSON for people, with a line break at the end.
func indented(v any) ([]byte, error) {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("sink: %w", err)
	}
	return append(b, '\n'), nil
}
