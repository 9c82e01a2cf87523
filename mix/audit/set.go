package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sink"
	"github.com/datamix-go/datamix/source"
)

// Set is the files of a data set.
type Set struct {
	// Files are the names of the files with records, in the order in which they
	// are read.
	Files []string
	// Manifest is that of a folder that a sink wrote, nil without one.
	Manifest *sink.Manifest
	// Report is that of the run that wrote the folder, nil without one.
	Report *datamix.Report

	fsys     fs.FS
	read     source.Options
	problems []Finding
}

// sideFiles are the files of a folder that look like data and are none: those of
// sinks, and what Hugging Face writes beside a set.
var sideFiles = []string{sink.ManifestName, "report.json", "report.txt", sink.QuarantineName, "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"}

// Open finds the files of a set: a file, a folder or a pattern as source.Files
// takes it. A folder with a manifest has the files that the manifest lists; what
// is wrong with it becomes a finding of the audit. The options may be nil.
func Open(name string, o *source.Options) (*Set, error) {
	base, pattern := cutPattern(name)
	if st, err := os.Stat(name); err == nil && st.IsDir() {
		base, pattern = name, "."
	}
	s := &Set{fsys: os.DirFS(base)}
	if o != nil {
		s.read = *o
	}
	if pattern == "." {
		s.openManifest(base)
	}
	if s.Manifest != nil {
		for _, shard := range s.Manifest.Shards {
			s.Files = append(s.Files, shard.Name)
		}
		s.findExtra()
		return s, nil
	}
	files, err := source.Files(s.fsys, pattern, &s.read).Paths()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for _, f := range files {
		if pattern == "." && slices.Contains(sideFiles, path.Base(f)) {
			continue
		}
		s.Files = append(s.Files, f)
	}
	if len(s.Files) == 0 {
		return nil, fmt.Errorf("%s: it has no data files", name)
	}
	return s, nil
}

// cutPattern splits a path into the folder that is named outright and the rest.
func cutPattern(name string) (base, pattern string) {
	name = filepath.ToSlash(filepath.Clean(name))
	base = name
	if i := strings.IndexAny(name, "*?[{"); i >= 0 {
		if _, err := os.Stat(name); err != nil {
			base = name[:i] + "x"
		}
	}
	if base = path.Dir(base); base == "." {
		return base, name
	}
	return base, strings.TrimPrefix(strings.TrimPrefix(name, base), "/")
}

// openManifest reads the manifest and the report of a folder.
func (s *Set) openManifest(dir string) {
	m, err := sink.ReadManifest(dir)
	switch {
	case err == nil:
		s.Manifest = &m
	case !errors.Is(err, fs.ErrNotExist):
		s.problems = append(s.problems, Finding{Kind: NoManifest, Fails: true, File: sink.ManifestName, Text: err.Error()})
	}
	data, err := fs.ReadFile(s.fsys, "report.json")
	if err != nil {
		return
	}
	var r datamix.Report
	if json.Unmarshal(data, &r) == nil {
		s.Report = &r
	}
}

// findExtra finds shards that the manifest does not list.
func (s *Set) findExtra() {
	listed := map[string]bool{}
	for _, f := range append(s.Manifest.Files, s.Files...) {
		listed[f] = true
	}
	files, err := source.Files(s.fsys, ".", nil).Paths()
	if err != nil {
		return // a folder without data files
	}
	for _, f := range files {
		if !listed[f] && !slices.Contains(sideFiles, path.Base(f)) {
			s.problems = append(s.problems, Finding{Kind: ExtraFile, Fails: true, File: f, Text: f + " is not in the manifest"})
		}
	}
}

// Records yields the records of all files.
func (s *Set) Records(ctx context.Context) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		for _, f := range s.Files {
			for r, err := range s.file(f).Records(ctx) {
				if !yield(r, err) || err != nil && datamix.Final(err) {
					return
				}
			}
		}
	}
}

func (s *Set) file(name string) datamix.Source { return source.Files(s.fsys, name, &s.read) }

// Files audits the set at a path; see Open. Each file is read by itself, so that
// one that is damaged leaves the others readable. The error is one of the
// options, of the context, or says that there is no set; everything else is in
// the result.
func Files(ctx context.Context, name string, o *Options) (*Result, error) {
	a, err := newAuditor(o)
	if err != nil {
		return nil, err
	}
	s, err := Open(name, &a.o.Read)
	if err != nil {
		return nil, fmt.Errorf("datamix/mix/audit: %w", err)
	}
	a.found = append(a.found, s.problems...)
	var sums sync.WaitGroup
	var wrong []Finding
	sums.Go(func() { wrong = s.verify(ctx) })
	for _, f := range s.Files {
		if err := a.file(ctx, s, f); err != nil {
			sums.Wait()
			return nil, err
		}
	}
	sums.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	a.found = append(a.found, wrong...)
	res := a.result()
	res.Manifest = s.Manifest
	s.compareReport(res)
	return res, nil
}

// file reads one file. What is wrong with it is a finding.
func (a *auditor) file(ctx context.Context, s *Set, name string) error {
	before := a.total()
	err := a.read(ctx, s.file(name))
	var tooMany tooManyError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &tooMany):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return nil // the check of the manifest tells
	case err != nil:
		a.found = append(a.found, Finding{Kind: Unreadable, Fails: true, File: name,
			Text: fmt.Sprintf("%s: after %s rows: %v", name, datamix.Thousands(a.total().Rows-before.Rows), err)})
		return nil
	}
	if s.Manifest == nil {
		return nil
	}
	i := slices.IndexFunc(s.Manifest.Shards, func(x sink.Shard) bool { return x.Name == name })
	shard := s.Manifest.Shards[i]
	now := a.total()
	if n := now.Rows - before.Rows; n != shard.Rows {
		a.found = append(a.found, Finding{Kind: RowCount, Fails: true, File: name,
			Text: fmt.Sprintf("%s has %s rows, the manifest says %s", name, datamix.Thousands(n), datamix.Thousands(shard.Rows))})
	}
	if n := now.Tokens - before.Tokens; a.o.Tokenizer != nil && shard.Tokens > 0 && n != shard.Tokens {
		a.found = append(a.found, Finding{Kind: TokenCount, File: name,
			Text: fmt.Sprintf("%s has %s tokens, the manifest says %s: was it another tokenizer?", name, datamix.Thousands(n), datamix.Thousands(shard.Tokens))})
	}
	return nil
}

// verify holds the files against the sizes and hashes of the manifest.
func (s *Set) verify(ctx context.Context) (found []Finding) {
	if s.Manifest == nil {
		return nil
	}
	fail := func(k Kind, name, format string, args ...any) {
		found = append(found, Finding{Kind: k, Fails: true, File: name, Text: name + " " + fmt.Sprintf(format, args...)})
	}
	for _, shard := range s.Manifest.Shards {
		if ctx.Err() != nil {
			return nil
		}
		n, sum, err := hashFile(s.fsys, shard.Name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			fail(MissingFile, shard.Name, "is in the manifest and not in the folder")
		case err != nil:
			fail(Unreadable, shard.Name, "cannot be read: %v", err)
		case n != shard.Bytes:
			fail(Checksum, shard.Name, "has %s bytes, the manifest says %s", datamix.Thousands(n), datamix.Thousands(shard.Bytes))
		case sum != shard.SHA256:
			fail(Checksum, shard.Name, "has the SHA-256 %s, the manifest says %s", sum, shard.SHA256)
		}
	}
	return found
}

func hashFile(fsys fs.FS, name string) (n int64, sum string, err error) {
	f, err := fsys.Open(name)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if n, err = io.Copy(h, f); err != nil {
		return n, "", err
	}
	return n, hex.EncodeToString(h.Sum(nil)), nil
}

// compareReport holds the records against the report of the run that wrote them.
func (s *Set) compareReport(res *Result) {
	if s.Report == nil || s.Report.Content == (datamix.SetHash{}) || s.Report.Content == res.Content {
		return
	}
	form := sink.FormMessages
	if s.Manifest != nil {
		form = s.Manifest.Form
	}
	if form != sink.FormMessages && form != sink.FormText {
		return // others are read by a schema that is found by looking, and need not give the same record
	}
	res.Findings = append(res.Findings, Finding{Kind: Content, File: "report.json",
		Text: fmt.Sprintf("the content hash of the records is %s, that of the report %s: they are not those of the run", res.Content, s.Report.Content)})
}
