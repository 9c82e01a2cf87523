package report

import (
	"fmt"
	"math"

	"github.com/datamix-go/datamix"
)

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
	c.Ticks = ticks(low, high, width)
	return c
}

// ticks labels some powers of two, at most five, which fit on a phone.
func ticks(low, high int, width float64) (ts []tick) {
	step := max(1, (high-low+3)/4)
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
		ts = append(ts, tick{pct(float64(2*(e-low)) * width), label, anchor})
	}
	return ts
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
