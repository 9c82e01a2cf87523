package sink

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// The names of the report's two forms.
const (
	reportJSON = "report.json"
	reportText = "report.txt"
)

// commit gives everything its final name. When it fails half way, what has its
// name already is removed again.
func (f *Folder) commit() (err error) {
	if f.current == nil && len(f.done) == 0 {
		err = f.startShard()
	}
	var landing landing
	defer landing.wg.Wait()
	if err == nil && f.current != nil {
		if err = f.writer.finish(); err == nil {
			landing.add(f.current)
			f.shelve()
		}
	}
	if err != nil {
		return err
	}
	m := f.manifest()
	side, err := f.sideFiles(m, &landing)
	if landed := landing.wait(); err == nil {
		err = landed
	}
	defer func() {
		for _, s := range side {
			err = errors.Join(err, removeIfThere(s.temp))
		}
	}()
	if err != nil {
		return err
	}
	old, err := f.retire(m, side)
	if err != nil {
		return err
	}
	if err := f.publish(m, side); err != nil {
		return err
	}
	return f.removeAll(old)
}

func (f *Folder) manifest() Manifest {
	m := Manifest{Version: manifestVersion, Format: f.format, Form: f.o.As, Compression: f.o.Compression}
	for i := range f.done {
		s := &f.done[i].Shard
		s.Name = fmt.Sprintf("%s-%05d-of-%05d%s", f.o.Prefix, i, len(f.done), f.writer.suffix())
		m.add(*s)
	}
	return m
}

// sideFile is a file beside the shards, under its temporary name.
type sideFile struct{ name, temp string }

// sideFiles writes the reports, the card, what is attached, and the manifest as
// the last. They are on the disk when landing is over.
func (f *Folder) sideFiles(m Manifest, landing *landing) (side []sideFile, err error) {
	add := func(name string, data []byte) error {
		temp := f.path(tempInFolder + name)
		side = append(side, sideFile{name, temp})
		out, err := newOutput(f.create, temp)
		if err != nil {
			return err
		}
		if _, err := out.Write(data); err != nil {
			return errors.Join(err, out.discard())
		}
		landing.add(out)
		return nil
	}
	if f.report != nil {
		data, err := indented(f.report)
		if err != nil {
			return side, err
		}
		if err := add(reportJSON, data); err != nil {
			return side, err
		}
		if err := add(reportText, []byte(f.report.String())); err != nil {
			return side, err
		}
	}
	contents := Contents{Manifest: m, Report: f.report, CardHeader: f.cardHeader(m)}
	if f.writesCard() && f.attachedCard() == nil {
		if err := add(cardName, plainCard(f.o.Prefix, contents)); err != nil {
			return side, err
		}
	}
	for _, a := range f.attached {
		if a.Name == cardName && !f.writesCard() {
			continue
		}
		data, err := a.Render(contents)
		if err != nil {
			return side, fmt.Errorf("sink: %s: %w", a.Name, err)
		}
		if err := add(a.Name, data); err != nil {
			return side, err
		}
	}
	for _, s := range side {
		m.Files = append(m.Files, s.name)
	}
	data, err := indented(m)
	if err != nil {
		return side, err
	}
	return side, add(ManifestName, data)
}

// retire takes back the manifest of an earlier run, so that the folder is not
// taken for complete while its files are replaced, and returns the names of
// that run's files that no new file takes.
func (f *Folder) retire(m Manifest, side []sideFile) (old []string, err error) {
	if !f.o.Overwrite {
		return nil, nil
	}
	last, err := ReadManifest(f.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		last = Manifest{} // of another version or damaged: the names tell
	}
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, fmt.Errorf("sink: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		listed := slices.ContainsFunc(last.Shards, func(s Shard) bool { return s.Name == name }) ||
			name != cardName && slices.Contains(last.Files, name)
		isNew := slices.ContainsFunc(m.Shards, func(s Shard) bool { return s.Name == name }) ||
			slices.ContainsFunc(side, func(s sideFile) bool { return s.name == name })
		report := name == reportJSON || name == reportText
		if (listed || report || f.owns(name)) && !isNew && e.Type().IsRegular() {
			old = append(old, name)
		}
	}
	if err := removeIfThere(f.path(ManifestName)); err != nil {
		return nil, err
	}
	return old, syncDir(f.dir)
}

// publish renames everything, the manifest after the rest.
func (f *Folder) publish(m Manifest, side []sideFile) (err error) {
	var named []string
	rename := func(temp, name string) error {
		if err := os.Rename(temp, f.path(name)); err != nil {
			return fmt.Errorf("sink: %w", err)
		}
		named = append(named, name)
		return nil
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.removeAll(named))
		}
	}()
	if err := syncDir(f.dir); err != nil {
		return err
	}
	for i, d := range f.done {
		if err := rename(d.temp, m.Shards[i].Name); err != nil {
			return err
		}
	}
	if err := f.bad.commit(); err != nil {
		return err
	}
	for i, s := range side {
		if i == len(side)-1 {
			if err := syncDir(f.dir); err != nil {
				return err
			}
		}
		if err := rename(s.temp, s.name); err != nil {
			return err
		}
	}
	return syncDir(f.dir)
}

func (f *Folder) removeAll(names []string) error {
	var errs []error
	for _, name := range names {
		errs = append(errs, removeIfThere(f.path(name)))
	}
	return errors.Join(errs...)
}
