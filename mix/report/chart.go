package report

import (
	"fmt"
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
