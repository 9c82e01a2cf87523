package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/datamix-go/datamix"
)

// meter shows progress on one line of a terminal, with the rate and, where the
// total is known, the time that remains.
type meter struct {
	w io.Writer

	mu    sync.Mutex
	phase string // and part
	start time.Time
	shown time.Time
	last  int64 // what Done was when the phase began
	dirty bool
	parts parts
}

// parts says which parts came from the cache and which had to be measured.
type parts struct {
	cached   int
	measured []string
}

func (p *parts) note(e datamix.Progress) {
	switch {
	case e.Phase == "cached":
		p.cached++
	case e.Phase == "measure" && e.Total > 0 && e.Done == e.Total:
		p.measured = append(p.measured, e.Part)
	}
}

// String is a line, or nothing where no part was looked at.
func (p parts) String() string {
	if p.cached+len(p.measured) == 0 {
		return ""
	}
	s := fmt.Sprintf("cache: %d of %d parts were there", p.cached, p.cached+len(p.measured))
	if len(p.measured) > 0 {
		slices.Sort(p.measured)
		s += "; measured: " + strings.Join(p.measured, ", ")
	}
	return s + "\n"
}

func newMeter(w io.Writer) *meter { return &meter{w: w} }

// redraw is how often the line changes at most.
const redraw = 200 * time.Millisecond

func (m *meter) show(p datamix.Progress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.parts.note(p); p.Phase == "cached" {
		return
	}
	now := time.Now()
	if phase := p.Phase + " " + p.Part; phase != m.phase {
		m.phase, m.start, m.last = phase, now, p.Done
	}
	if now.Sub(m.shown) < redraw && p.Done != p.Total {
		return
	}
	m.shown, m.dirty = now, true
	fmt.Fprint(m.w, "\r\x1b[K"+line(p, p.Done-m.last, now.Sub(m.start)))
}

// line is what the terminal shows after so many records and so much time in the
// phase.
func line(p datamix.Progress, done int64, took time.Duration) string {
	s := p.Phase
	if p.Part != "" {
		s += " " + p.Part
	}
	s += ": " + datamix.Thousands(p.Done)
	if p.Total > 0 {
		s += " of " + datamix.Thousands(p.Total)
	}
	s += " rows"
	if done <= 0 || took <= 0 {
		return s
	}
	rate := float64(done) / took.Seconds()
	s += fmt.Sprintf(", %s a second", datamix.Thousands(int64(rate)))
	if left := p.Total - p.Done; left > 0 {
		remains := time.Duration(float64(left) / rate * float64(time.Second))
		s += ", " + remains.Round(time.Second).String() + " left"
	}
	return s
}

func (m *meter) done() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dirty {
		fmt.Fprint(m.w, "\r\x1b[K")
	}
}

// terminal reports whether f is one that a person looks at.
func terminal(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}
