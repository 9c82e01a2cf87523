package datamix

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// Tally sums up records.
type Tally struct {
	Rows      int64 `json:"rows"`
	Turns     int64 `json:"turns"`
	Tokens    int64 `json:"tokens"`
	Context   int64 `json:"tokens_context"`
	Final     int64 `json:"tokens_final"`
	Trainable int64 `json:"tokens_trainable"`
	// MaskFaults is the number of records that have any, see Counts.
	MaskFaults int64 `json:"mask_faults,omitempty"`
}

// Count adds a record; its tokens count as 0 before Count has run.
func (t *Tally) Count(r *Record) {
	t.Rows++
	t.Turns += int64(len(r.messages))
	t.Tokens += int64(r.counts.Total)
	t.Context += int64(r.counts.Context)
	t.Final += int64(r.counts.Final)
	t.Trainable += int64(r.counts.Trainable)
	if r.counts.MaskFaults > 0 {
		t.MaskFaults++
	}
}

// Add adds the sums of u.
func (t *Tally) Add(u Tally) {
	t.Rows += u.Rows
	t.Turns += u.Turns
	t.Tokens += u.Tokens
	t.Context += u.Context
	t.Final += u.Final
	t.Trainable += u.Trainable
	t.MaskFaults += u.MaskFaults
}

// In returns the tally in a unit.
func (t Tally) In(u Unit) int64 {
	switch u {
	case Tokens:
		return t.Tokens
	case TrainableTokens:
		return t.Trainable
	}
	return t.Rows
}

// Sizes says how the sizes of records are distributed.
type Sizes struct {
	// Tokens counts records by their tokens; empty before Count has run.
	Tokens Histogram `json:"tokens"`
	// Turns counts chats by their messages, those of the system included.
	Turns Histogram `json:"turns"`
	// Passes counts records by their Origin.Pass: how many were written for
	// the first time, the second time and so on.
	Passes Histogram `json:"passes"`
}

// Count adds a record.
func (s *Sizes) Count(r *Record) {
	if r.counted {
		s.Tokens.Add(int64(r.counts.Total))
	}
	if !r.isText {
		s.Turns.Add(int64(len(r.messages)))
	}
	s.Passes.Add(int64(r.Origin.Pass))
}

// Merge adds the counts of o.
func (s *Sizes) Merge(o Sizes) {
	s.Tokens.Merge(o.Tokens)
	s.Turns.Merge(o.Turns)
	s.Passes.Merge(o.Passes)
}

// PartReport is what a run did with one part of a mix.
type PartReport struct {
	Name string `json:"name"`
	// Group is the path of the group of parts that it is in, "" where it is in
	// none.
	Group string `json:"group,omitempty"`
	// Unit is what Share and Planned are counted in.
	Unit Unit `json:"unit"`
	// Share is the part of the whole that the recipe asks for, 0 to 1.
	Share float64 `json:"share"`
	// Planned is the quantity that the plan gives to the part.
	Planned int64 `json:"planned"`
	// Available is one pass over the part, after its filters.
	Available Tally `json:"available"`
	// Epochs is the number of passes over what is available, in Unit.
	Epochs float64 `json:"epochs"`
	// Output is what was written.
	Output Tally `json:"output"`
	// Sizes says how the sizes of what was written are distributed.
	Sizes Sizes `json:"sizes"`
	// Ledger accounts for the part's rows.
	Ledger Ledger `json:"ledger"`
	// Labels holds what the recipe says of the part: category, license.
	Labels map[string]string `json:"labels,omitempty"`
}

// Report is what a run did. It holds no times, so that equal runs have equal
// reports.
type Report struct {
	// Ledger accounts for every row that was read, over all parts.
	Ledger Ledger `json:"ledger"`
	// Output is what was written.
	Output Tally `json:"output"`
	// Sizes says how the sizes of what was written are distributed.
	Sizes Sizes `json:"sizes"`
	// Content is the hash of what was written, whatever its order and files.
	Content SetHash `json:"content"`
	// Parts are those of the mix, in its order; empty for a plain chain.
	Parts []PartReport `json:"parts,omitempty"`
	// Stages are those of the chain that was run, where they describe
	// themselves.
	Stages []Spec `json:"stages,omitempty"`
}

// Share returns the part of the output that p is, in p's unit.
func (r Report) Share(p PartReport) float64 {
	whole := r.Output.In(p.Unit)
	if whole == 0 {
		return 0
	}
	return float64(p.Output.In(p.Unit)) / float64(whole)
}

// String returns the report as a table for people.
func (r Report) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	if len(r.Parts) > 0 {
		fmt.Fprint(w, "part\ttarget\tachieved\trows\ttokens\ttrainable\tepochs\tread\tdropped\tquarantined\tunused\t\n")
		for _, p := range r.Parts {
			l := p.Ledger
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%.2f\t%s\t%s\t%s\t%s\t\n", p.Name, percent(p.Share), percent(r.Share(p)),
				Thousands(p.Output.Rows), Thousands(p.Output.Tokens), Thousands(p.Output.Trainable), p.Epochs,
				Thousands(l.Read), Thousands(l.DroppedTotal()), Thousands(l.Skipped), Thousands(l.Unused))
		}
	} else {
		fmt.Fprint(w, "\trows\ttokens\ttrainable\tread\tdropped\tquarantined\tunused\t\n")
	}
	l := r.Ledger
	cells := []string{"total"}
	if len(r.Parts) > 0 {
		cells = append(cells, "", "")
	}
	cells = append(cells, Thousands(r.Output.Rows), Thousands(r.Output.Tokens), Thousands(r.Output.Trainable))
	if len(r.Parts) > 0 {
		cells = append(cells, "")
	}
	cells = append(cells, Thousands(l.Read), Thousands(l.DroppedTotal()), Thousands(l.Skipped), Thousands(l.Unused))
	fmt.Fprintf(w, "%s\t\n", strings.Join(cells, "\t"))
	w.Flush()
	r.writeDrops(&b)
	return b.String()
}

func (r Report) writeDrops(b *strings.Builder) {
	if l := r.Ledger; l.DroppedTotal() > 0 {
		b.WriteString("\ndropped:")
		for i, reason := range l.Reasons() {
			if i > 0 {
				b.WriteString(",")
			}
			fmt.Fprintf(b, " %s %s", reason, Thousands(l.Dropped[reason]))
		}
		b.WriteString("\n")
	}
}

func percent(x float64) string { return fmt.Sprintf("%.2f %%", x*100) }

// Thousands writes n with a comma between groups of three digits.
func Thousands(n int64) string {
	s := fmt.Sprint(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}
