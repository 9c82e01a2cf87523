package mix

import (
	"context"
	"sync"

	"github.com/datamix-go/datamix"
)

// Mix is a source that draws its parts in the ratio of a recipe, exactly. It is
// safe for concurrent use.
//
// The first use measures: every part is read, filtered, deduplicated and
// counted once, and an Index of about 15 bytes a record is kept. The plan follows
// from that. Each range then reads the chosen records once more, without judging
// or counting them again, and yields them in the order of the mix: row by row
// where the source can seek, from memory or a temporary file that was filled
// with them otherwise.
type Mix struct {
	recipe  Recipe
	leaves  []Part // of the recipe
	options Options

	shard    Slice // zero for the whole mix
	measured *measuredMix
}

// measuredMix is what a mix and its shards share. parts and plan do not change
// once they are set.
type measuredMix struct {
	mu    sync.Mutex
	parts []*partIndex
	plan  *Plan
}

// Options says how a mix does its work. None of it changes the result.
type Options struct {
	// Workers is the number of goroutines that filter and count; 0 stands for
	// GOMAXPROCS.
	Workers int
	// MemoryLimit is how many bytes of chosen records are held in memory during
	// a range, before a temporary file takes them; 0 stands for 64 MiB, a
	// negative number for none.
	MemoryLimit int64
	// CacheDir is a folder that keeps what measuring found, made where there is
	// none; empty for no cache. A part that was measured before, by whatever
	// recipe, is not read, filtered and counted again as long as nothing that
	// its numbers depend on is another: the state and options of its source, the
	// names, versions and options of its filters, the tokenizer, what duplicates
	// have in common, and the labels of Prefer and Strata. What has no
	// description, such as a filter that is a Go function without a name, is never
	// cached (see filter.NamedFunc, schema.Named and datamix.Identified), nor
	// are bad rows that a Quarantine must see. Which records are duplicates is kept
	// for each list of parts, and found anew from the hashes of those for another
	// list. Of sources that cannot seek, such as compressed files and Parquet, the
	// records that were drawn last are kept, with up to 16 MiB of those that would
	// be drawn next, so that another share need not read the source again; not
	// where more than about 256 MiB of a part are drawn.
	//
	// Files are replaced whole, so that any number of processes may share the
	// folder; damaged ones are made anew, and nobody but the user removes any.
	CacheDir string
	// Indexes holds indexes of parts that were measured elsewhere, by the names
	// that the plan gives the parts.
	Indexes map[string]*Index
	// TempDir is where temporary files go: one of chosen records and, for a recipe
	// with Dedup, one of the hashes of more than two million records. Empty stands
	// for the system's default. They have no names while they are in use.
	TempDir string
}

const defaultMemory = 64 << 20

// New returns the mix of a recipe whose parts all have a Source. It reads
// nothing yet. For a recipe from a file, see Recipe.Build.
func New(r Recipe, o *Options) (*Mix, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	leaves := r.leaves()
	for i := range leaves {
		if leaves[i].Source == nil {
			return nil, bad("part %s has no source", leaves[i].Name)
		}
	}
	if r.Tokenizer == nil && r.TokenizerName != "" {
		return nil, bad("the tokenizer %q is only named: call Build first", r.TokenizerName)
	}
	if _, built := r.Tokenizer.(datamix.RecordCounter); r.ChatTemplate != "" && !built {
		return nil, bad("the chat template %q is only named: call Build first", r.ChatTemplate)
	}
	m := &Mix{recipe: r, leaves: leaves, measured: &measuredMix{}}
	if o != nil {
		m.options = *o
	}
	switch {
	case m.options.MemoryLimit == 0:
		m.options.MemoryLimit = defaultMemory
	case m.options.MemoryLimit < 0:
		m.options.MemoryLimit = 0
	}
	return m, nil
}

// Plan measures the parts, once for the life of the mix, and returns what will
// be drawn. Infeasible plans are an *InfeasibleError. The plan of a shard is that
// of the whole mix.
func (m *Mix) Plan(ctx context.Context) (*Plan, error) {
	x := m.measured
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.plan != nil {
		return x.plan, nil
	}
	if x.parts == nil {
		parts, err := m.measure(ctx)
		if err != nil {
			return nil, err
		}
		x.parts = parts
	}
	plan, err := m.recipe.plan(x.parts)
	if err != nil {
		return nil, err
	}
	x.plan = plan
	return plan, nil
}

// Size is the number of records of the mix, once it is planned.
func (m *Mix) Size(context.Context) (int64, bool) {
	m.measured.mu.Lock()
	planned := m.measured.plan != nil
	m.measured.mu.Unlock()
	if !planned {
		return 0, false
	}
	var n int64
	for _, h := range m.hands() {
		n += h.len()
	}
	return n, true
}

// Shard returns the mix that yields one of several disjoint shards of m, which
// together are m. The records of each part are dealt to the shards in turn, in
// the order in which m draws them, and each shard interleaves what it has got:
// by rows each part has within one row of its share in each shard, and every
// prefix of a shard holds the ratio as one of m does. Their sizes differ by one
// row at most. In the order shuffled they are dealt in the order of the sources.
//
// Shards share what was measured. The reports of runs over all of them add up to
// that of m; see datamix.Report.Merge.
func (m *Mix) Shard(number, of int) (*Mix, error) {
	if of < 1 || number < 0 || number >= of {
		return nil, bad("there is no shard %d of %d", number, of)
	}
	if m.shard.Of > 0 {
		return nil, bad("a shard has no shards")
	}
	s := *m
	if of > 1 {
		s.shard = Slice{number, of}
	}
	return &s, nil
}

// handsOf returns what the mix, or the shard that it is, gets of each deal.
func (m *Mix) handsOf(deals []*deal) []*hand {
	hands := make([]*hand, len(deals))
	var first int64
	for i, d := range deals {
		hands[i] = newHand(d, m.shard, first)
		first += d.rows
	}
	return hands
}

// hands is handsOf for a mix that is planned.
func (m *Mix) hands() []*hand { return m.handsOf(m.deals(m.measured.plan, m.measured.parts)) }

var _ interface {
	datamix.Source
	datamix.Sized
	datamix.Identified
} = (*Mix)(nil)
