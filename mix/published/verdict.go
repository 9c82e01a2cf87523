package published

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/datamix-go/datamix"
)

// ErrVerify is in the error of a set that is not the mixture.
var ErrVerify = errors.New("datamix/mix/published: the set is not the mixture")

// Verification is what came of holding a set against a mixture.
type Verification struct {
	// Mixture is the mixture's name.
	Mixture string `json:"mixture"`
	// By is what the groups of the set are: component or category.
	By string `json:"by"`
	// Unit is what shares are counted in, Total the size of the set.
	Unit  datamix.Unit  `json:"unit"`
	Total datamix.Tally `json:"total"`
	// Checks are the numbers that were compared, by column and in the
	// mixture's order.
	Checks []Check `json:"checks"`
	// Unknown are groups of the set that the mixture does not have.
	Unknown []string `json:"unknown,omitempty"`
	// Exact are the columns of amounts that the set has to the last row or
	// token.
	Exact []string `json:"exact,omitempty"`
	// Unchecked are the columns that the set could not be held against.
	Unchecked []string `json:"unchecked,omitempty"`
	// OK reports that every judged check holds and no group is unknown.
	OK bool `json:"ok"`
}

// Check is one number of a mixture and what the set has in its place.
type Check struct {
	// Group is a component's ID or a category.
	Group  string `json:"group"`
	Column string `json:"column"`
	// Is is Share, Amount or Average: shares of 0 to 1 stand in for all relative
	// numbers.
	Is Meaning `json:"is"`
	// Of is what is counted.
	Of string `json:"of"`
	// Published and Found are the two numbers, Allowed how far apart they may be.
	Published float64 `json:"published"`
	Found     float64 `json:"found"`
	Allowed   float64 `json:"allowed"`
	// Judged says that the check counts for the Verification's OK.
	Judged   bool     `json:"judged"`
	OK       bool     `json:"ok"`
	Evidence Evidence `json:"evidence"`
}

// Off is Found less Published.
func (c *Check) Off() float64 { return c.Found - c.Published }

// Err returns nil when the set is the mixture, otherwise an error that wraps
// ErrVerify and names what is off, the farthest first.
func (v *Verification) Err() error {
	if v.OK {
		return nil
	}
	var off []string
	for _, g := range v.Unknown {
		off = append(off, fmt.Sprintf("it has %q, which the mixture does not", g))
	}
	var failed []*Check
	for i := range v.Checks {
		if c := &v.Checks[i]; c.Judged && !c.OK {
			failed = append(failed, c)
		}
	}
	slices.SortStableFunc(failed, func(a, b *Check) int {
		return cmp.Compare(math.Abs(b.Off())/b.Allowed, math.Abs(a.Off())/a.Allowed)
	})
	for _, c := range failed {
		off = append(off, fmt.Sprintf("%s: %s %s, published %s", c.Group, c.Column, c.show(c.Found), c.show(c.Published)))
	}
	const most = 5
	if n := len(off) - most; n > 0 {
		off = append(off[:most], fmt.Sprintf("and %d more", n))
	}
	return fmt.Errorf("%w %s: %s", ErrVerify, v.Mixture, strings.Join(off, "; "))
}

// String returns the verification as tables for people: the column that is
// judged and the averages group by group, other columns by what is farthest off.
func (v *Verification) String() string {
	var b strings.Builder
	verdict := "holds"
	if !v.OK {
		verdict = "does not hold"
	}
	fmt.Fprintf(&b, "%s, by %s: %s\n", v.Mixture, v.By, verdict)
	fmt.Fprintf(&b, "the set has %s rows", datamix.Thousands(v.Total.Rows))
	if v.Total.Tokens > 0 {
		fmt.Fprintf(&b, ", %s tokens", datamix.Thousands(v.Total.Tokens))
	}
	b.WriteString("\n")
	var others []string
	for rest := v.Checks; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].Column == rest[0].Column && rest[n].Is == rest[0].Is {
			n++
		}
		table := rest[:n]
		rest = rest[n:]
		switch {
		case table[0].Judged || table[0].Is == Average:
			writeChecks(&b, table)
		default:
			others = append(others, farthest(table))
		}
	}
	for _, g := range v.Unknown {
		others = append(others, fmt.Sprintf("the mixture has no %s %q", v.By, g))
	}
	if len(v.Exact) > 0 {
		others = append(others, "to the last one: "+strings.Join(v.Exact, ", "))
	}
	if len(v.Unchecked) > 0 {
		others = append(others, "not compared: "+strings.Join(v.Unchecked, ", "))
	}
	if len(others) > 0 {
		fmt.Fprintf(&b, "\n%s\n", strings.Join(others, "\n"))
	}
	return b.String()
}

// writeChecks writes the checks of one column.
func writeChecks(b *strings.Builder, checks []Check) {
	w := newTable(b, tabwriter.AlignRight)
	fmt.Fprintf(w, "\n%s of %s (%s)\tpublished\tfound\toff\tallowed\t\t\n", checks[0].Is, checks[0].Of, checks[0].Column)
	for i := range checks {
		c := &checks[i]
		allowed := ""
		if c.Judged {
			allowed = c.show(c.Allowed)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", orUnknown(c.Group), c.show(c.Published), c.show(c.Found), c.showOff(), allowed, c.Evidence, c.verdict())
	}
	w.end()
}

// farthest says which of the checks of one column is farthest off.
func farthest(checks []Check) string {
	worst := &checks[0]
	for i := range checks {
		if math.Abs(checks[i].Off()) > math.Abs(worst.Off()) {
			worst = &checks[i]
		}
	}
	return fmt.Sprintf("not judged: %s of %s (%s): farthest off is %s, %s", worst.Is, worst.Of, worst.Column, orUnknown(worst.Group), worst.showOff())
}

func (c *Check) verdict() string {
	switch {
	case !c.Judged:
		return ""
	case c.OK:
		return "ok"
	}
	return "OFF"
}

func (c *Check) show(x float64) string {
	switch c.Is {
	case Share:
		return percent(x)
	case Amount:
		return thousands(x)
	}
	return strconv.FormatFloat(x, 'f', 1, 64)
}

func (c *Check) showOff() string {
	s := c.show(c.Off())
	if c.Off() > 0 {
		s = "+" + s
	}
	return s
}
