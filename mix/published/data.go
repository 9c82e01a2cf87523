package published

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/datamix-go/datamix"
)

// MissingDataError says for which components there is no data.
type MissingDataError struct {
	// Mixture is the mixture's name.
	Mixture string
	// Components are the IDs of those without data, Of the number of all.
	Components []string
	Of         int
	// Dir is where they were looked for, empty where nowhere.
	Dir string
}

// Error lists the components.
func (e *MissingDataError) Error() string {
	s := fmt.Sprintf("datamix/mix/published: %s: no data for %d of %d components: %s; give their paths or sources",
		e.Mixture, len(e.Components), e.Of, strings.Join(e.Components, ", "))
	if e.Dir != "" {
		s += fmt.Sprintf(", put %s or %s.* into %s", e.Components[0], e.Components[0], e.Dir)
	}
	return s + ", or leave them out"
}

// MissingFilterError says which filters of a mixture cannot be built.
type MissingFilterError struct {
	// Mixture is the mixture's name.
	Mixture string
	Filters []MissingFilter
}

// MissingFilter is a filter that a publisher names and that cannot be built.
type MissingFilter struct {
	Filter
	// Components are the IDs of those that need it.
	Components []string
}

// Error lists the filters and what can be done.
func (e *MissingFilterError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "datamix/mix/published: %s names filters that cannot be built:", e.Mixture)
	for _, f := range e.Filters {
		fmt.Fprintf(&b, "\n  %s (%s): ", f.Name, f.Says)
		if f.Open != "" {
			fmt.Fprintf(&b, "the publisher does not say %s", f.Open)
		} else {
			b.WriteString("the registry has no filter of that name")
		}
		fmt.Fprintf(&b, "; for %s", strings.Join(f.Components, ", "))
	}
	b.WriteString("\nadd them to a registry of filters, or skip them, for example where the data has passed them already")
	return b.String()
}

// data is where the records of a component come from: a source or a path.
// released says that others lie there too.
type data struct {
	source   datamix.Source
	path     string
	released bool
}

// find returns the data of the components, without those that are left out.
func (m *Mixture) find(o *Options) (map[string]data, error) {
	found := map[string]data{}
	var missing []string
	for i := range m.Components {
		id := m.Components[i].ID
		if slices.Contains(o.LeaveOut, id) {
			continue
		}
		d := data{source: o.Sources[id], path: o.Paths[id]}
		if d.source == nil && d.path == "" && o.Dir != "" {
			path, err := inFolder(o.Dir, id)
			if err != nil {
				return nil, fmt.Errorf("datamix/mix/published: %s: component %s: %w", m.Name, id, err)
			}
			d.path = path
		}
		if label := m.Components[i].Label; d.source == nil && d.path == "" && o.Released != "" && label != "" {
			d = data{path: o.Released, released: true}
		}
		if d.source == nil && d.path == "" {
			missing = append(missing, id)
			continue
		}
		found[id] = d
	}
	if len(missing) > 0 && !slices.Contains(o.LeaveOut, "*") || len(found) == 0 {
		if len(missing) == 0 {
			return nil, fmt.Errorf("datamix/mix/published: %s: every component is left out", m.Name)
		}
		return nil, &MissingDataError{Mixture: m.Name, Components: missing, Of: len(m.Components), Dir: o.Dir}
	}
	return found, nil
}

// inFolder returns the path of a component's folder or file, "" where there is
// neither, or no folder dir.
func inFolder(dir, id string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	var files []string
	for _, e := range entries {
		switch {
		case e.Name() == id:
			return filepath.Join(dir, id), nil
		case strings.HasPrefix(e.Name(), id+"."):
			files = append(files, e.Name())
		}
	}
	switch len(files) {
	case 0:
		return "", nil
	case 1:
		return filepath.Join(dir, files[0]), nil
	}
	return "", fmt.Errorf("%s holds %s: keep one, or make a folder %s of them", dir, strings.Join(files, " and "), id)
}

// checkFiltersKnown returns an error for filters of the components that have
// data of their own, if one cannot be built.
func (m *Mixture) checkFiltersKnown(o *Options, names []string, found map[string]data) error {
	e := &MissingFilterError{Mixture: m.Name}
	note := func(f *Filter, component string) {
		if !f.missing(names) || f.skipped(o.SkipFilters, names) {
			return
		}
		at := slices.IndexFunc(e.Filters, func(x MissingFilter) bool { return x.Name == f.Name })
		if at < 0 {
			at = len(e.Filters)
			e.Filters = append(e.Filters, MissingFilter{Filter: *f})
		}
		e.Filters[at].Components = append(e.Filters[at].Components, component)
	}
	for i := range m.Components {
		c := &m.Components[i]
		if d, has := found[c.ID]; !has || d.released {
			continue
		}
		for j := range m.Filters {
			note(&m.Filters[j], c.ID)
		}
		for j := range c.Filters {
			note(&c.Filters[j], c.ID)
		}
	}
	if len(e.Filters) > 0 {
		return e
	}
	return nil
}
