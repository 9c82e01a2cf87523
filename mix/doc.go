// Package mix draws several sources in a declared ratio, exactly.
//
// A Recipe names the parts and how much of each: a share of the whole, a weight,
// a number of rows, tokens or trainable tokens, a number of passes, all, or the
// rest. New makes a Mix of it, which is a datamix.Source: run it into a sink,
// range over it, serve it, or use it as a part of another mix.
//
//	m, err := mix.New(mix.Recipe{Seed: 42, Unit: datamix.Tokens, Total: 1_000_000, Tokenizer: tok, Parts: []mix.Part{
//		{Name: "math", Source: math, Quantity: mix.Share(0.4)},
//		{Name: "chat", Source: chat, Quantity: mix.Share(0.6)},
//	}}, nil)
//	plan, err := m.Plan(ctx)               // measures, solves, explains
//	report, err := datamix.Run(ctx, m, dst) // draws
//
// Quantities count what is left after filters and deduplication. By rows the
// parts are met to the row, by tokens each to within one record. Every prefix of
// the output holds the ratio: by rows each part is less than one row from its
// share, by tokens within the longest record.
//
// What is drawn from a part depends on the seed, the part's name and the
// identity of its records, and on nothing else: not on other parts, their order
// or the number of workers. A smaller choice is the start of a larger one, or,
// in a part with Prefer, among it.
//
// # Groups, limits, stages
//
// A Part with Parts is a group: its quantity is shared out among them, in a unit
// of the group's own if need be. MaxEpochs, MaxFraction, Min and Max are limits,
// and Shortfall says what happens at them. Weights follow from measured sizes by
// temperature or UniMax. Stages are stretches of the mix with other quantities,
// in any order, of a given total or of the largest that there is.
// Plan.Explain shows what came of all that as a tree; a plan that cannot be met
// is an *InfeasibleError, which names the parts that are short, the largest
// feasible total and what would free it.
//
// # Measuring once
//
// What measuring finds of a part is an Index. Options.CacheDir keeps indexes, so
// that another mix of the same parts reads only what it writes. Tasks can measure
// slices (Measure, Index.OfSlice, Merge) and hand the indexes to a mix
// (Options.Indexes). Estimate looks at a sample and gives error bars.
//
// # Drawing
//
// Recipe.Order is interleaved, sequential or shuffled; stages make a curriculum.
// Shard divides a mix for several readers, Open reads records by their number,
// and a Cursor knows where it is: its State is JSON, and Resume goes on from
// there. A Stream mixes sources without end, in one pass, and resumes too.
//
// # Recipe files
//
// A recipe can be read from YAML or JSON (Read, Parse); Build opens what it only
// names, and Run does the whole job. docs/recipe.md in the repository describes
// every field.
package mix
