package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/datamix-go/datamix"
)

// Charts are SVG elements whose places and widths are percentages of the page,
// so that texts keep their size on a phone. Numbers in them are rounded to two
// decimals, for equal bytes on all machines.

// bar is one row of a bar chart.
type bar struct {
	Name  string
	Label string // the value, as text
	Title string // shown on hovering
	Value pct    // the length
	Mark  pct    // a line across, where HasMark
	// HasMark is false for parts without a target.
	HasMark bool
	Group   bool    // the bar sums up those below it
	Pieces  []piece // of a stacked bar, instead of Value
}

// piece is a piece of a stacked bar.
type piece struct {
	X, W  pct
	Class string
	Title string
}

// pct is a percentage, written with two decimals at most.
type pct float64

func (p pct) String() string {
	s := fmt.Sprintf("%.2f", float64(p))
	return strings.TrimRight(strings.TrimRight(s, "0"), ".") + "%"
}

// shareBars compares targets with what was achieved. Bars are as long as their
// share of the largest.
func (p *Page) shareBars() (bars []bar) {
	lines := p.outline()
	most := 0.0
	for _, l := range lines {
		most = max(most, l.have, l.share)
	}
	if most == 0 {
		return nil
	}
	for _, l := range lines {
		b := bar{Name: l.indented(), Group: l.group, Value: pct(l.have / most * 100), Label: percent(l.have, 2)}
		b.Title = fmt.Sprintf("%s: %s of the %s", l.name, percent(l.have, 4), words(l.unit))
		if l.share > 0 {
			b.Mark, b.HasMark = pct(l.share/most*100), true
			b.Label += " of " + percent(l.share, 2)
			b.Title += fmt.Sprintf(", target %s", percent(l.share, 4))
		}
		bars = append(bars, b)
	}
	return bars
}

func words(u datamix.Unit) string { return strings.ReplaceAll(string(u), "_", " ") }

// funnel shows how many rows are left after each reason to drop some.
func (p *Page) funnel() (bars []bar) {
	l := p.Report.Ledger
	all := l.Read + l.Derived
	if all == 0 {
		return nil
	}
	left := all
	at := func(n int64) pct { return pct(ratio(n, all) * 100) }
	whole := func(name string, n int64, class string) {
		bars = append(bars, bar{Name: name, Label: thousands(n) + share(n, all),
			Pieces: []piece{{0, at(n), class, name + ": " + thousands(n) + " rows"}}})
	}
	lost := func(name string, n int64, class string) {
		if n == 0 {
			return
		}
		left -= n
		bars = append(bars, bar{Name: name, Label: "− " + thousands(n) + share(n, all), Pieces: []piece{
			{0, at(left), "left", thousands(left) + " rows are left"},
			{at(left), at(n), class, name + ": " + thousands(n) + " rows"}}})
	}
	whole("read", all, "left")
	for _, reason := range l.Reasons() {
		lost(string(reason), l.Dropped[reason], "drop")
	}
	lost("quarantined", l.Skipped, "bad")
	lost("unused", l.Unused, "unused")
	whole("kept", l.Kept, "kept")
	return bars
}

// drops shows how many rows each reason has cost, and in which parts, as long as
// their share of the most frequent reason.
func (p *Page) drops() (bars []bar) {
	l := p.Report.Ledger
	reasons := l.Reasons()
	if len(reasons) == 0 || l.Dropped[reasons[0]] == 0 {
		return nil
	}
	most := l.Dropped[reasons[0]]
	for _, reason := range reasons {
		b := bar{Name: string(reason), Label: thousands(l.Dropped[reason])}
		var at int64
		add := func(name string, n int64) {
			if n > 0 {
				b.Pieces = append(b.Pieces, piece{pct(ratio(at, most) * 100), pct(ratio(n, most) * 100), "drop", name + ": " + thousands(n) + " rows"})
				at += n
			}
		}
		for _, q := range p.Report.Parts {
			add(q.Name, q.Ledger.Dropped[reason])
		}
		add("after the mix", l.Dropped[reason]-at)
		bars = append(bars, b)
	}
	return bars
}

func share(n, all int64) string { return " (" + percent(ratio(n, all), 1) + ")" }

// histogram is a chart of a datamix.Histogram.
type histogram struct {
	Name  string
	Note  string
	Bins  []bin
	Ticks []tick
}

type bin struct {
	X, W, Y, H pct
	Title      string
}

type tick struct {
	X      pct
	Label  string
	Anchor string // where the label is held: start, middle or end
}

// chartOf draws a histogram from low to high, both as powers of two, with two
// columns for each power; numbers below 2 are columns of their own.
func chartOf(name, what string, h datamix.Histogram, low, high int) histogram {
	c := histogram{Name: name}
	if h.N() == 0 {
		return c
	}
	c.Note = fmt.Sprintf("median %s, p99 %s, longest %s", thousands(h.Quantile(0.5)), thousands(h.Quantile(0.99)), thousands(h.Max()))
	n := 2 * (high - low)
	counts := make([]int64, n)
	for b := range h.Buckets() {
		counts[min(max(column(b.Low)-2*low, 0), n-1)] += b.N
	}
	var most int64
	for _, k := range counts {
		most = max(most, k)
	}
	width := 100 / float64(n)
	for i, k := range counts {
		if k == 0 {
			continue
		}
		height := max(ratio(k, most)*100, 0.8) // what is there is seen
		from, to := edge(i+2*low), edge(i+2*low+1)-1
		if i == 0 {
			from = min(from, h.Min())
		}
		title := thousands(from)
		if to > from {
			title += " to " + thousands(to)
		}
		c.Bins = append(c.Bins, bin{X: pct(float64(i) * width), W: pct(width * 0.92), Y: pct(100 - height), H: pct(height),
			Title: fmt.Sprintf("%s %s: %s records (%s)", title, what, thousands(k), percent(ratio(k, h.N()), 1))})
	}
	step := max(1, (high-low+3)/4) // at most five labels fit on a phone
	for e := low; e <= high; e += step {
		anchor := "middle"
		switch e {
		case low:
			anchor = "start"
		case high:
			anchor = "end"
		}
		label := thousands(1 << e)
		if e == 0 {
			label = "0"
		}
		c.Ticks = append(c.Ticks, tick{pct(float64(2*(e-low)) * width), label, anchor})
	}
	return c
}

// column returns the half octave of v: 2e for 2^e up to 1.5 * 2^e, then 2e + 1.
// 0 and 1 are in column 0 and 1.
func column(v int64) int {
	if v < 2 {
		return int(v)
	}
	e := int(math.Log2(float64(v)))
	for v < 1<<e {
		e--
	}
	if e < 62 && v >= 1<<(e+1) {
		e++
	}
	if v >= 3<<(e-1) {
		return 2*e + 1
	}
	return 2 * e
}

// edge returns the smallest number of a half octave.
func edge(c int) int64 {
	if c < 2 {
		return int64(c)
	}
	if c%2 == 0 {
		return 1 << (c / 2)
	}
	return 3 << (c/2 - 1)
}

// span returns the powers of two between which a histogram lies.
func span(h datamix.Histogram) (low, high int) {
	low = column(h.Min()) / 2
	high = column(h.Max())/2 + 1
	return low, max(high, low+2)
}

// maxSmall is the number of parts whose histograms are drawn.
const maxSmall = 30

// tokenCharts returns the chart of all records and those of the parts, all on
// one scale.
func (p *Page) tokenCharts() (all histogram, parts []histogram, left int) {
	h := p.Report.Sizes.Tokens
	if h.N() == 0 {
		return all, nil, 0
	}
	low, high := span(h)
	all = chartOf("All records", "tokens", h, low, high)
	if len(p.Report.Parts) < 2 {
		return all, nil, 0
	}
	for _, q := range p.Report.Parts {
		if q.Sizes.Tokens.N() == 0 {
			continue
		}
		if len(parts) == maxSmall {
			left++
			continue
		}
		parts = append(parts, chartOf(q.Name, "tokens", q.Sizes.Tokens, low, high))
	}
	return all, parts, left
}

func (p *Page) turnChart() histogram {
	h := p.Report.Sizes.Turns
	if h.N() == 0 {
		return histogram{}
	}
	low, high := span(h)
	return chartOf("Turns", "turns", h, low, high)
}
