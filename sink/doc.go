// Package sink writes records as training data: JSON Lines and Parquet in
// folders of shards, single files, and streams.
//
//	out := sink.JSONL("out", &sink.Options{Compression: sink.Zstd})
//	report, err := datamix.Run(ctx, src, out)
//
// # Folders
//
// A folder is complete or not there: shards are written under temporary names
// and get their own at Close, the manifest last. What a killed run leaves
// behind has a name that begins with ".datamix-folder-" and is removed by the
// next run on the folder.
//
//	train-00000-of-00002.jsonl.zst
//	train-00001-of-00002.jsonl.zst
//	README.md         a dataset card for load_dataset of Hugging Face datasets
//	report.json       the report of the run, where there is one
//	report.txt        the same for people
//	                  and what Folder.Attach added, such as report.html
//	quarantine.jsonl  the bad rows, see Folder.Quarantine
//	manifest.json     rows, tokens, size and SHA-256 of each shard
//
// A README.md that no sink has written stays as it is.
//
// The same records and options make the same bytes, on any machine and with any
// number of processors.
//
// # Columns
//
// A row has the columns of its [Form], then those that [Options] ask for. Their
// types do not depend on the data, but for [ExtraColumns] and [FormRaw]:
//
//	messages    list of {role, content, reasoning_content, name, tool_calls, tool_call_id, train}
//	tools       the tools as JSON text
//	extra       the columns that no adapter took, as the text of one JSON object
//	source      the part of the mix that the row was drawn for
//	provenance  {part, path, row, sub, pass}: the row's Origin
//
// In JSON Lines, tool_calls is a list of {id, type, function: {name, arguments}}
// and a key stands only where it has a value. In Parquet, tool_calls is that list
// as JSON text, and what has no value is null. Bytes that are not UTF-8 are
// written as U+FFFD.
//
// A record that the chosen form cannot hold is a *datamix.RecordError of stage
// "write" that names a form that can; nothing of it is written and the sink
// takes further records.
package sink
