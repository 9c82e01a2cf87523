// Package audit judges a finished data set from its files alone: a folder that a
// sink wrote, or anybody's JSON Lines, Parquet or other files that package
// source reads.
//
//	res, err := audit.Files(ctx, "out", &audit.Options{Recipe: recipe, Tokenizer: tok, Tolerance: 0.005})
//	fmt.Println(res)
//	if err := res.Err(); err != nil { ... } // the set does not pass
//
// It groups the rows by a column, "source" by default, and gives for each group
// rows, turns, tokens, trainable tokens, shares, epochs, duplicates, records
// that are too long and faults of the loss mask. Compared with a recipe it says
// which part is off by how much. Where there is a manifest it holds the files
// against it. What is wrong is a Finding; those that fail make Err return an
// error, so that a test or a CI job can be the gate.
//
// A set is read once, as a stream; 16 bytes are kept for each record, its hash
// and its group.
//
// Sets compares two sets record by record, Recipes two recipes field by field.
package audit
