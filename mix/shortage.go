package mix

import (
	"errors"
	"fmt"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/internal/solve"
)

// ErrInfeasible matches every *InfeasibleError.
var ErrInfeasible = errors.New("datamix/mix: infeasible")

// InfeasibleError says why a plan cannot be met and what would help.
type InfeasibleError struct {
	// Shortage is that of the part that binds: the one that is shortest of what
	// it should give.
	Shortage
	// Others are the shortages of other parts under the same plan.
	Others []Shortage
	// Total is the total that was asked for, Nearest the largest feasible one,
	// or, where a min binds, the smallest. Nearest is 0 if no total is feasible,
	// and both are 0 for a part with a quantity of its own.
	Total, Nearest int64
}

// Shortage is one part that cannot give what it should.
type Shortage struct {
	// Part is the part's path.
	Part string
	// Unit is what the numbers are counted in.
	Unit datamix.Unit
	// Limit is what keeps it from giving more, as a recipe calls it: max_epochs,
	// max_fraction or max; or min, where it should give less than that; or empty,
	// where no record is left.
	Limit string
	// Need is what the plan asks of the part, Have what it can give at most, and
	// at least where the limit is min.
	Need, Have int64
	// Taken is what earlier stages have had of the limit, in Unit; Need and Have
	// do not count it.
	Taken int64
	// Available is one pass, MaxEpochs how many there may be; both are 0 for
	// groups.
	Available int64
	MaxEpochs float64
}

// Is makes errors.Is(err, ErrInfeasible) hold.
func (e *InfeasibleError) Is(target error) bool { return target == ErrInfeasible }

// Error explains the shortage.
func (e *InfeasibleError) Error() string {
	var b strings.Builder
	of := ""
	if e.Total > 0 {
		of = " of a total of " + datamix.Thousands(e.Total)
	}
	fmt.Fprintf(&b, "datamix/mix: infeasible: %s", e.explain(of))
	switch {
	case e.Total > 0 && e.Nearest > e.Total && e.Limit == solve.LimitMin:
		fmt.Fprintf(&b, "; the smallest feasible total is %s", datamix.Thousands(e.Nearest))
	case e.Total > 0 && e.Nearest > 0:
		fmt.Fprintf(&b, "; the largest feasible total is %s", datamix.Thousands(e.Nearest))
	case e.Total > 0:
		b.WriteString("; no total is feasible")
	}
	if remedy := e.remedy(); remedy != "" {
		fmt.Fprintf(&b, "; %s for this part would free it", remedy)
	}
	for i, o := range e.Others {
		if i == maxOthers {
			fmt.Fprintf(&b, "; and %d more parts", len(e.Others)-i)
			break
		}
		fmt.Fprintf(&b, "; %s", o.explain(""))
		if remedy := o.remedy(); remedy != "" {
			fmt.Fprintf(&b, " (%s)", remedy)
		}
	}
	return b.String()
}

// maxOthers is how many more parts a message speaks of.
const maxOthers = 3

// explain says what is short; of stands behind what is needed.
func (s *Shortage) explain(of string) string {
	need, name := solve.Amount(s.Need, s.Unit)+of, "part "+s.Part
	if s.Part == "" {
		name = "the recipe"
	}
	behind := ""
	if s.Taken > 0 {
		behind = fmt.Sprintf(", and the stages before have taken %s", datamix.Thousands(s.Taken))
	}
	switch s.Limit {
	case solve.LimitEmpty:
		return fmt.Sprintf("%s needs %s, but no record of it is left after its filters", name, need)
	case solve.LimitMin:
		return fmt.Sprintf("%s is to give %s, less than its min of %s%s", name, need, datamix.Thousands(s.Have+s.Taken), behind)
	case solve.LimitMax:
		return fmt.Sprintf("%s needs %s, but its max is %s%s", name, need, datamix.Thousands(s.Have+s.Taken), behind)
	case solve.LimitParts:
		if s.Need < s.Have {
			return fmt.Sprintf("%s is to give %s, but its parts give at least %s", name, need, datamix.Thousands(s.Have))
		}
		return fmt.Sprintf("%s needs %s, but its parts give at most %s", name, need, datamix.Thousands(s.Have))
	}
	within := ""
	if s.Limit == solve.LimitFraction {
		within = " within max_fraction"
	}
	return fmt.Sprintf("%s needs %s, but has %s in one pass%s and max_epochs is %v%s", name, need, datamix.Thousands(s.Available), within, s.MaxEpochs, behind)
}

// remedy is what would let the part give what it needs.
func (s *Shortage) remedy() string {
	var out []string
	if s.Limit == solve.LimitMax {
		out = append(out, "a max of "+datamix.Thousands(s.Need+s.Taken))
	}
	if x := (*solve.Shortage)(s).Epochs(); x != nil {
		epochs, _ := x.Float64()
		out = append(out, fmt.Sprintf("max_epochs of %v", epochs))
	}
	if s.Limit == solve.LimitMin {
		out = append(out, "a min of "+datamix.Thousands(s.Need+s.Taken))
	}
	return strings.Join(out, " and ")
}

// unsolved is the error of a recipe that the solver refuses.
func unsolved(err error) error {
	var e *solve.Infeasible
	if !errors.As(err, &e) {
		return bad("%v", err)
	}
	out := &InfeasibleError{Shortage: Shortage(e.Short[0]), Total: e.Total, Nearest: e.Nearest}
	for _, s := range e.Short[1:] {
		out.Others = append(out.Others, Shortage(s))
	}
	return out
}
