package source

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// dataExtensions are the ends of names, in front of that of a compression, by
// which a file in a folder is taken for data.
var dataExtensions = map[string]Format{
	".jsonl": JSONL, ".ndjson": JSONL, ".jsonlines": JSONL, ".json": JSON, ".csv": CSV, ".tsv": TSV, ".tab": TSV,
	".parquet": Parquet, ".pq": Parquet, ".txt": Text, ".text": Text, ".md": Text,
}

var compressions = map[string]bool{".gz": true, ".gzip": true, ".zst": true, ".zstd": true, ".bz2": true, ".xz": true}

// formatOfName returns the format that a file's name promises, "" for none.
func formatOfName(name string) Format {
	name = strings.ToLower(path.Base(name))
	if ext := path.Ext(name); compressions[ext] {
		name = strings.TrimSuffix(name, ext)
	}
	return dataExtensions[path.Ext(name)]
}

// isData reports whether a file in a folder that was named as a whole is read.
func isData(name string) bool {
	base := strings.ToLower(path.Base(name))
	return formatOfName(base) != "" && path.Ext(base) != ".md" && base[0] != '.' && base[0] != '_' &&
		!strings.HasPrefix(base, "readme") && !strings.HasPrefix(base, "license")
}

// glob returns the files that pattern names, in lexical order.
func glob(fsys fs.FS, pattern string) ([]string, error) {
	clean := path.Clean(pattern)
	if st, err := fs.Stat(fsys, clean); err == nil {
		if !st.IsDir() {
			return []string{clean}, nil
		}
		return folder(fsys, clean)
	} else if !strings.ContainsAny(pattern, `*?[\{`) {
		return nil, missing(fsys, pattern, err)
	}
	found := map[string]bool{}
	for _, p := range braces(clean) {
		if _, err := path.Match(p, ""); err != nil {
			return nil, fmt.Errorf("the pattern %q: %w", pattern, err)
		}
		if err := match(fsys, p, found); err != nil {
			return nil, err
		}
	}
	if len(found) == 0 {
		return nil, missing(fsys, pattern, fs.ErrNotExist)
	}
	names := make([]string, 0, len(found))
	for n := range found {
		names = append(names, n)
	}
	slices.Sort(names)
	return names, nil
}

// folder returns the data files in a folder and below.
func folder(fsys fs.FS, dir string) (names []string, err error) {
	err = fs.WalkDir(fsys, dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != dir && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.IsDir() && isData(name):
			names = append(names, name)
		}
		return nil
	})
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("the folder %q has no data files (%s)", dir, listing(fsys, dir))
	}
	slices.Sort(names)
	return names, err
}

// match adds the files that a pattern without braces names.
func match(fsys fs.FS, pattern string, found map[string]bool) error {
	parts := strings.Split(pattern, "/")
	root := "."
	for len(parts) > 1 && !strings.ContainsAny(parts[0], `*?[\`) {
		root, parts = path.Join(root, parts[0]), parts[1:]
	}
	if _, err := fs.Stat(fsys, root); err != nil {
		return nil
	}
	deep := slices.Contains(parts, "**")
	return fs.WalkDir(fsys, root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rest := strings.TrimPrefix(strings.TrimPrefix(name, root), "/")
		if root == "." {
			rest = name
		}
		if d.IsDir() {
			if name != root && !deep && strings.Count(rest, "/")+1 >= len(parts) {
				return fs.SkipDir
			}
			return nil
		}
		if matchParts(parts, strings.Split(rest, "/")) {
			found[name] = true
		}
		return nil
	})
}

// matchParts matches the parts of a path; "**" stands for any number of them.
func matchParts(pattern, name []string) bool {
	for len(pattern) > 0 {
		if pattern[0] == "**" {
			for i := range len(name) + 1 {
				if matchParts(pattern[1:], name[i:]) {
					return true
				}
			}
			return false
		}
		if len(name) == 0 {
			return false
		}
		if ok, err := path.Match(pattern[0], name[0]); !ok || err != nil {
			return false
		}
		pattern, name = pattern[1:], name[1:]
	}
	return len(name) == 0
}

// braces returns the patterns that {a,b} in a pattern stands for.
func braces(pattern string) []string {
	open := strings.IndexByte(pattern, '{')
	if open < 0 {
		return []string{pattern}
	}
	n := strings.IndexByte(pattern[open:], '}')
	if n < 0 {
		return []string{pattern}
	}
	var out []string
	for _, choice := range strings.Split(pattern[open+1:open+n], ",") {
		out = append(out, braces(pattern[:open]+choice+pattern[open+n+1:])...)
	}
	return out
}

// missing returns the error for a pattern that nothing fits, with what there is
// in the folder that it points to.
func missing(fsys fs.FS, pattern string, err error) error {
	dir := path.Clean(pattern)
	for dir != "." {
		if dir = path.Dir(dir); !strings.ContainsAny(dir, `*?[\{`) {
			if st, err := fs.Stat(fsys, dir); err == nil && st.IsDir() {
				break
			}
		}
		if dir == "/" {
			return fmt.Errorf("no file fits %q: %w", pattern, err)
		}
	}
	return fmt.Errorf("no file fits %q (%s): %w", pattern, listing(fsys, dir), cause(err))
}

// cause strips the path off an error whose message names it already.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

func listing(fsys fs.FS, dir string) string {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil || len(entries) == 0 {
		return fmt.Sprintf("nothing is in %q", dir)
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() {
			name += "/"
		}
		names = append(names, name)
	}
	return fmt.Sprintf("in %q there is %s", dir, quoteAll(names))
}
