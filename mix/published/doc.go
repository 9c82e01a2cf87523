// Package published holds the mixtures that publishers of models and data sets
// have described: Tulu 3, SmolTalk, SmolLM, Cosmopedia, No Robots, Llama 3,
// Hermes 3, OLMo and others. Each is a table of components with their data
// sets, licences, categories and schemas, and with numbers in the unit in which
// they were published. Names lists them.
//
//	m, err := published.Recipe("tulu-3-sft")
//	fmt.Println(m)                                                 // the table, with the evidence of each number
//	r, err := m.Recipe(&published.Options{Dir: "data"})            // a recipe, from data/oasst, data/aya.jsonl, ...
//	res, err := audit.Files(ctx, "out", nil)                       // a finished set, grouped by its column source
//	v, err := m.VerifyAudit(res, nil)                              // is it Tulu 3?
//
// # Evidence
//
// Every number has a grade: for P the publisher's paper, card or code was read,
// for S the file of somebody else who measured or copied it, and D was computed
// from such numbers. Nothing else is in the package: what is not known is nil, "unknown"
// or missing, and never a guess. Where sources contradict each other, or a table
// does not add up, the numbers stand as they were printed and the Caveats say
// so.
//
// # Meanings
//
// Nearly every number is called a weight somewhere, so that each Column says
// what its numbers are: amounts, shares of the mix, relative weights, fractions of a
// component, repetitions, or probabilities to keep a record. A recipe keeps the
// meaning: see Mixture.Recipe.
//
// # Filters
//
// Mixtures name the filters that were applied to what is at a component's Hub.
// Those that package filter has are part of the recipe. The others, and those
// whose numbers are not published, are an error until a registry has them or
// Options.SkipFilters goes without.
package published
