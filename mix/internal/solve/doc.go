// Package solve shares out the total of a mix among its parts.
//
// It knows nothing of recipes, files or records: a Part is a quantity with
// limits, over a Supply that says how large its first records are, or over other
// parts. Solve answers with whole amounts for every part, or with an *Infeasible
// that names the parts that are short and the nearest total that is possible. It
// is a pure function: equal arguments give equal results, on every machine.
//
// Inside a group the targets of shares and weights are linear functions of the
// group's total (ratio). Amounts are whole by largest remainder, or, where parts
// stand in for one that is short, by filling up between bounds (fill). What a
// group can give is found from the leaves up (reach), so that the largest total
// needs no search over allocations.
//
// Messages call things what a recipe calls them.
package solve
