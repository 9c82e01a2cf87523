package audit

import (
	"fmt"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/report"
)

// judge adds findings about the groups and what the set is compared with.
func (a *auditor) judge(res *Result) {
	if a.bad > maxExamples {
		a.fail(BadRow, "", "%s bad rows in all; the first %d are told", datamix.Thousands(a.bad), maxExamples)
	}
	if res.Total.Rows == 0 {
		a.fail(Empty, "", "the set has no rows")
		return
	}
	a.judgeLimits(res)
	if a.judgeColumn() && a.o.Recipe != nil {
		a.compare(res)
	}
}

// judgeColumn reports whether there is a column to group by.
func (a *auditor) judgeColumn() bool {
	i, some := a.index[""]
	if !some {
		return true
	}
	none := a.groups[i]
	asked := a.o.By != DefaultBy || a.o.Recipe != nil
	switch {
	case len(a.groups) == 1 && asked:
		a.fail(NoColumn, "", "no row has the column %q, by which the rows are to be grouped", a.o.By)
	case len(a.groups) == 1:
		a.note(NoColumn, "", "no row has the column %q: the set is judged as a whole", a.o.By)
	default:
		a.find(Unlabelled, asked, report.Unlabelled, "%s rows have no %q", datamix.Thousands(none.Rows), a.o.By)
	}
	return len(a.groups) > 1
}

// judgeLimits holds the set against the limits of the options.
func (a *auditor) judgeLimits(res *Result) {
	limit := func(k Kind, n int64, most *float64, what string) {
		if n == 0 {
			return
		}
		part := float64(n) / float64(res.Total.Rows)
		text := fmt.Sprintf("%s rows (%s) %s", datamix.Thousands(n), percent(part), what)
		if most != nil && part > *most {
			a.fail(k, "", "%s; allowed is %s", text, percent(*most))
		} else {
			a.note(k, "", "%s", text)
		}
	}
	var tooLong int64
	byFault := map[Fault]int64{}
	for _, g := range a.groups {
		tooLong += g.TooLong
		for f, n := range g.Faults {
			byFault[f] += n
		}
	}
	limit(Duplicates, res.Total.Rows-a.distinct, a.o.Duplicates, fmt.Sprintf("repeat an earlier row (by %s)", a.o.Same))
	none := 0.0
	most := a.o.TooLong
	if most == nil {
		most = &none
	}
	limit(TooLong, tooLong, most, fmt.Sprintf("are longer than %s tokens", datamix.Thousands(a.o.MaxTokens)))
	if a.o.MaxTokens > 0 && a.counted < res.Total.Rows {
		a.fail(Uncounted, "", "%s of %s rows are not counted, so their length is not known: give a tokenizer",
			datamix.Thousands(res.Total.Rows-a.counted), datamix.Thousands(res.Total.Rows))
	}
	var sum int64
	for _, f := range faults {
		if n := byFault[f]; n > 0 {
			sum += n
			a.note(MaskFault, "", "%s rows: %s", datamix.Thousands(n), faultTexts[f])
		}
	}
	if a.o.MaskFaults != nil && float64(sum) > *a.o.MaskFaults*float64(res.Total.Rows) {
		a.fail(MaskFault, "", "%s rows (%s) have a fault of the loss mask; allowed is %s", datamix.Thousands(sum),
			percent(float64(sum)/float64(res.Total.Rows)), percent(*a.o.MaskFaults))
	}
}

var faultTexts = map[Fault]string{
	NothingTrains: "nothing carries loss",
	OtherTrains:   "a turn that is no assistant's carries loss",
	EmptyTrains:   "a turn that says nothing carries loss",
	WrongSpan:     "the template puts a turn where it does not stand",
	PastLimit:     "all that carries loss lies past the limit",
}

func percent(x float64) string { return fmt.Sprintf("%.2f%%", x*100) }
