package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
)

const progressEvery = 1024

// tooManyError says that a column is no category.
type tooManyError struct{ by string }

func (e tooManyError) Error() string {
	return fmt.Sprintf("datamix/mix/audit: %s has more than %d different values: it is no category; group by another column", e.by, maxGroups)
}

// Records audits the records of a source. Bad rows are findings; an error that
// ends the source is returned with what was found until then.
func Records(ctx context.Context, src datamix.Source, o *Options) (*Result, error) {
	a, err := newAuditor(o)
	if err != nil {
		return nil, err
	}
	err = a.read(ctx, src)
	return a.result(), err
}

// auditor collects what is found.
type auditor struct {
	o      Options
	groups []*Group
	index  map[string]uint32
	keys   keys
	// keep keeps what is needed of a record beyond its counts; h is its content
	// hash.
	keep     func(r *datamix.Record, group uint32, h datamix.Hash)
	content  datamix.SetHash
	counted  int64 // records with token counts
	rows     int64
	bad      int64
	distinct int64
	found    []Finding
	prefixes *prefixes // nil where nothing is known of them
	stages   *stages   // nil where the recipe has none
}

func newAuditor(o *Options) (*auditor, error) {
	r, err := o.resolve()
	if err != nil {
		return nil, err
	}
	a := &auditor{o: r, index: map[string]uint32{}, prefixes: newPrefixes(r.Recipe), stages: newStages(r.Recipe)}
	a.keep = func(r *datamix.Record, group uint32, h datamix.Hash) {
		if a.o.Same != filter.ByContent {
			h = a.o.Same.Of(r)
		}
		a.keys.add(keyOf(h, group))
	}
	return a, nil
}

// read takes the records of a source into account.
func (a *auditor) read(ctx context.Context, src datamix.Source) error {
	if a.o.Tokenizer != nil {
		count := datamix.Stage(datamix.Count(a.o.Tokenizer))
		if a.o.Workers != 1 {
			count = datamix.Parallel(a.o.Workers, datamix.Count(a.o.Tokenizer))
		}
		src = datamix.Chain(src, count)
	}
	progress := datamix.ObserverFrom(ctx).Progress
	for r, err := range src.Records(ctx) {
		if err != nil {
			if datamix.Final(err) {
				return err
			}
			a.badRow(err)
			continue
		}
		if err := a.record(r); err != nil {
			return err
		}
		if a.rows++; progress != nil && a.rows%progressEvery == 0 {
			progress(datamix.Progress{Phase: "audit", Done: a.rows})
		}
	}
	return nil
}

func (a *auditor) badRow(err error) {
	if a.bad++; a.bad > maxExamples {
		return
	}
	f := Finding{Kind: BadRow, Fails: true, Text: err.Error()}
	var re *datamix.RecordError
	if errors.As(err, &re) {
		f.File = re.Origin.Path
	}
	a.found = append(a.found, f)
}

func (a *auditor) record(r *datamix.Record) error {
	i, err := a.group(valueOf(r, a.o.By))
	if err != nil {
		return err
	}
	g := a.groups[i]
	g.Count(r)
	g.sizes.Count(r)
	h := r.ContentHash()
	a.content.AddHash(h)
	a.keep(r, i, h)
	if pass, ok := passOf(r); ok {
		g.Pass = max(g.Pass, pass)
	}
	c := r.Counts()
	if a.prefixes != nil {
		a.prefixes.record(g, a.prefixes.unit.Of(c))
	}
	if a.stages != nil {
		a.stages.record(g.Name, a.stages.unit.Of(c))
	}
	if r.Counted() {
		a.counted++
		g.longest.Tokens = max(g.longest.Tokens, int64(c.Total))
		g.longest.Trainable = max(g.longest.Trainable, int64(c.Trainable))
		if a.o.MaxTokens > 0 && int64(c.Total) > a.o.MaxTokens {
			g.TooLong++
		}
	}
	if f := faultOf(r, a.o.MaxTokens); f != "" {
		if g.Faults == nil {
			g.Faults = map[Fault]int64{}
		}
		g.Faults[f]++
	}
	return nil
}

// passOf returns the pass that a provenance column names.
func passOf(r *datamix.Record) (int64, bool) {
	f, ok := r.Field("provenance")
	if !ok {
		return 0, false
	}
	pass, err := strconv.ParseInt(inside(f, "pass"), 10, 64)
	return pass, err == nil
}

// total sums up the groups so far.
func (a *auditor) total() (t datamix.Tally) {
	for _, g := range a.groups {
		t.Add(g.Tally)
	}
	return t
}

// result sums up. The auditor must not be used afterwards.
func (a *auditor) result() *Result {
	a.repeats()
	res := &Result{By: a.o.By, Unit: datamix.Rows, Content: a.content, BadRows: a.bad, Distinct: a.distinct}
	for _, g := range a.groups {
		g.longest.Rows = 1
		res.Total.Add(g.Tally)
		res.Groups = append(res.Groups, *g)
	}
	if res.Total.Rows > 0 && a.counted == res.Total.Rows {
		res.Unit = datamix.Tokens
	}
	if a.o.Recipe != nil {
		res.Unit, res.license = tree(a.o.Recipe).unit, a.o.Recipe.License
	}
	a.judge(res)
	a.sortGroups(res)
	for i := range res.Groups {
		g := &res.Groups[i]
		if whole := res.Total.In(res.Unit); whole > 0 {
			g.Share = float64(g.In(res.Unit)) / float64(whole)
		}
	}
	slices.SortStableFunc(a.found, func(x, y Finding) int { return cmp.Compare(order(x), order(y)) })
	res.Findings = a.found
	return res
}

// sortGroups puts the groups in the order of the recipe, and others behind them
// with the most rows first.
func (a *auditor) sortGroups(res *Result) {
	place := map[string]int{}
	if a.o.Recipe != nil {
		for i, l := range leavesOf(a.o.Recipe) {
			place[l.path] = i + 1
		}
	}
	slices.SortStableFunc(res.Groups, func(x, y Group) int {
		px, py := place[x.Name], place[y.Name]
		switch {
		case px > 0 && py > 0:
			return cmp.Compare(px, py)
		case px > 0 || py > 0:
			return cmp.Compare(py, px)
		}
		return cmp.Or(cmp.Compare(y.Rows, x.Rows), cmp.Compare(x.Name, y.Name))
	})
}

// repeats finds out how many records of each group are different, and shared
// with others.
func (a *auditor) repeats() {
	a.keys.sort()
	passes := make([]datamix.Histogram, len(a.groups))
	a.keys.runs(func(run []key) {
		a.distinct++
		several := run[0].group != run[len(run)-1].group
		for start := 0; start < len(run); {
			end := start
			for end < len(run) && run[end].group == run[start].group {
				passes[run[start].group].Add(int64(end - start))
				end++
			}
			g := a.groups[run[start].group]
			g.Distinct++
			if several {
				g.Shared += int64(end - start)
			}
			start = end
		}
	})
	for i, g := range a.groups {
		g.sizes.Passes = passes[i]
		if g.Distinct > 0 {
			g.Epochs = float64(g.Rows) / float64(g.Distinct)
		}
	}
}
