package audit

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/report"
)

// How records of two sets are matched, beside by a column; see DiffOptions.Key.
const (
	// KeyContent matches records that say the same. No record is changed then: it
	// is removed and another added.
	KeyContent = "content"
	// KeyProvenance matches records by part, path, row and sub of the column that
	// sinks write with Options.Provenance.
	KeyProvenance = "provenance"
)

// DiffOptions says how two sets are compared. The zero value of each field is
// its default; a nil *DiffOptions is all defaults.
type DiffOptions struct {
	// Key says what makes two records the same one: KeyContent, KeyProvenance,
	// or the name of a column such as "id". By default it is the provenance
	// where the first record of both sets has it, otherwise the column "id" in
	// the same way, otherwise the content.
	Key string
	// By is the column that groups the rows, as in Options.
	By string
	// Tokenizer counts tokens; without one shares are in rows.
	Tokenizer datamix.Tokenizer
	// Examples is how many records of each kind are shown, 5 by default, a
	// negative number for none. Showing them reads the sets once more.
	Examples int
	// Workers is as in Options.
	Workers int
}

// SetDiff says how two sets differ. Records that are there several times are
// matched as often.
type SetDiff struct {
	// Key is what records were matched by.
	Key string `json:"key"`
	// Same, Changed, Removed and Added count records: equal in both, matched with
	// another content, in the old set alone, in the new set alone.
	Same    int64 `json:"same"`
	Changed int64 `json:"changed"`
	Removed int64 `json:"removed"`
	Added   int64 `json:"added"`
	// SameOrder reports whether the sets hold the same records in the same order.
	SameOrder bool `json:"same_order"`
	// Unit is what the shares of groups are counted in.
	Unit datamix.Unit `json:"unit"`
	// Groups are sorted by name.
	Groups []GroupDiff `json:"groups"`
	// Examples are some of the records that differ.
	Examples []Example `json:"examples,omitempty"`
}

// GroupDiff is one group in both sets.
type GroupDiff struct {
	Name     string        `json:"name"`
	Old      datamix.Tally `json:"old"`
	New      datamix.Tally `json:"new"`
	OldShare float64       `json:"old_share"`
	NewShare float64       `json:"new_share"`
}

// Equal reports whether the sets hold the same records, in any order.
func (d *SetDiff) Equal() bool { return d.Changed+d.Removed+d.Added == 0 }

// side is one of the two sets.
type side struct {
	src   datamix.Source
	audit *auditor
	cuts  [256][]pair
	order uint64 // of the records, as a hash
}

// Sets compares two sets, which are read as streams; 16 bytes are kept for each
// record. Bad rows are an error. Records with the same key are matched: those
// with equal content first, then the others, as changed.
//
// Keys and contents are compared by 64 bits of their hashes, so that a record of
// n is matched wrongly with a probability of about n*n/2^65.
func Sets(ctx context.Context, older, newer datamix.Source, o *DiffOptions) (*SetDiff, error) {
	var own DiffOptions
	if o != nil {
		own = *o
	}
	if own.Examples == 0 {
		own.Examples = maxExamples
	}
	if own.Key == "" {
		key, err := commonKey(ctx, older, newer)
		if err != nil {
			return nil, err
		}
		own.Key = key
	}
	sides := [2]*side{{src: older}, {src: newer}}
	for i, s := range sides {
		if err := s.read(ctx, &own); err != nil {
			return nil, sideError(i, err)
		}
	}
	d := &SetDiff{Key: own.Key}
	m := matcher{diff: d, most: max(own.Examples, 0)}
	for cut := range 256 {
		m.match(sides[0].cuts[cut], sides[1].cuts[cut])
	}
	d.SameOrder = d.Equal() && sides[0].order == sides[1].order
	d.compareGroups(sides[0].audit, sides[1].audit)
	if err := m.show(ctx, sides, &own); err != nil {
		return nil, err
	}
	return d, nil
}

// sideError says in which of the sets an error was met.
func sideError(i int, err error) error {
	return fmt.Errorf("datamix/mix/audit: the %s set: %w", [2]string{"old", "new"}[i], err)
}

// commonKey looks at the first records.
func commonKey(ctx context.Context, sources ...datamix.Source) (string, error) {
	provenance, id := true, true
	for i, src := range sources {
		for r, err := range src.Records(ctx) {
			if err != nil {
				return "", sideError(i, err)
			}
			_, ok := identity(r, KeyProvenance)
			provenance = provenance && ok
			_, ok = identity(r, "id")
			id = id && ok
			break
		}
	}
	switch {
	case provenance:
		return KeyProvenance, nil
	case id:
		return "id", nil
	}
	return KeyContent, nil
}

// identity returns the text that a record is known by under a key.
func identity(r *datamix.Record, key string) (string, bool) {
	if key != KeyProvenance {
		v := valueOf(r, key)
		return v, v != ""
	}
	f, ok := r.Field("provenance")
	if !ok {
		return "", false
	}
	path, row, sub := inside(f, "path"), inside(f, "row"), inside(f, "sub")
	id := path + ":" + row
	if part := inside(f, "part"); part != "" {
		id = part + "/" + id // paths are relative to what each part names
	}
	if sub != "" && sub != "0" {
		id += "." + sub
	}
	return id, row != ""
}

// pairOf returns what is kept of a record. One without the key is known by its
// content.
func pairOf(r *datamix.Record, key string, h datamix.Hash) pair {
	p := pair{binary.BigEndian.Uint64(h[:8]), binary.BigEndian.Uint64(h[8:])}
	if key == KeyContent {
		return p
	}
	if id, ok := identity(r, key); ok {
		idHash := datamix.HashText(id)
		p.id = binary.BigEndian.Uint64(idHash[:8])
	}
	return p
}

func (s *side) read(ctx context.Context, o *DiffOptions) error {
	a, err := newAuditor(&Options{By: o.By, Tokenizer: o.Tokenizer, Workers: o.Workers})
	if err != nil {
		return err
	}
	a.keep = func(r *datamix.Record, _ uint32, h datamix.Hash) {
		p := pairOf(r, o.Key, h)
		s.cuts[p.id>>56] = append(s.cuts[p.id>>56], p)
		s.order = s.order*0x9e3779b97f4a7c15 + p.content
	}
	s.audit = a
	if err := a.read(ctx, s.src); err != nil {
		return err
	}
	if a.bad > 0 {
		return errors.New(a.found[0].Text)
	}
	each(func(cut int) { slices.SortFunc(s.cuts[cut], comparePairs) })
	return nil
}

// compareGroups puts the groups of both sets side by side.
func (d *SetDiff) compareGroups(older, newer *auditor) {
	d.Unit = datamix.Rows
	if older.counted == older.rows && newer.counted == newer.rows && older.counted+newer.counted > 0 {
		d.Unit = datamix.Tokens
	}
	byName := map[string]*GroupDiff{}
	get := func(name string) *GroupDiff {
		if byName[name] == nil {
			byName[name] = &GroupDiff{Name: name}
		}
		return byName[name]
	}
	for _, g := range older.groups {
		get(g.Name).Old.Add(g.Tally)
	}
	for _, g := range newer.groups {
		get(g.Name).New.Add(g.Tally)
	}
	oldAll, newAll := older.total().In(d.Unit), newer.total().In(d.Unit)
	for _, g := range byName {
		if oldAll > 0 {
			g.OldShare = float64(g.Old.In(d.Unit)) / float64(oldAll)
		}
		if newAll > 0 {
			g.NewShare = float64(g.New.In(d.Unit)) / float64(newAll)
		}
		d.Groups = append(d.Groups, *g)
	}
	slices.SortFunc(d.Groups, func(a, b GroupDiff) int { return cmp.Compare(a.Name, b.Name) })
}

// String returns the difference for people.
func (d *SetDiff) String() string {
	var b strings.Builder
	n := datamix.Thousands
	fmt.Fprintf(&b, "matched by %s: %s the same, %s changed, %s removed, %s added\n", d.Key, n(d.Same), n(d.Changed), n(d.Removed), n(d.Added))
	if d.Equal() && !d.SameOrder {
		b.WriteString("the order differs\n")
	}
	t := report.Table{Texts: 1, Columns: []string{"group", "rows", "rows now", "tokens", "tokens now", "share of " + words(d.Unit), "share now", "points"}}
	var older, newer datamix.Tally
	for _, g := range d.Groups {
		older.Add(g.Old)
		newer.Add(g.New)
	}
	for _, g := range d.Groups {
		t.Rows = append(t.Rows, []string{g.Name, n(g.Old.Rows), n(g.New.Rows), tokens(g.Old.Tokens, older), tokens(g.New.Tokens, newer),
			percent(g.OldShare), percent(g.NewShare), fmt.Sprintf("%+.2f", (g.NewShare-g.OldShare)*100)})
	}
	b.WriteString("\n" + t.String())
	for i, e := range d.Examples {
		if i == 0 {
			b.WriteString("\n")
		}
		b.WriteString(e.String())
	}
	return b.String()
}
