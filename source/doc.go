// Package source reads data sets: JSON Lines, JSON, CSV, TSV, Parquet and plain
// text, compressed or not, from any file system, and makes records of their rows
// with the adapters of package schema.
//
//	math := source.Files(os.DirFS("data"), "gsm8k/*.jsonl", nil)
//	chat := source.File("oasst.zip", &source.Options{Schema: "oasst_tree"})
//	pipe := source.Reader(os.Stdin, "stdin", nil)
//
// [Files] reads what a pattern names in an [io/fs.FS]: a folder, a zip archive, an
// embedded folder, a bucket. [File] reads one file of the operating system,
// [Reader] a stream, once. [Records] yields what is in memory.
//
// # Formats
//
// Compression (gzip with several members, zstd with several frames, bzip2, xz)
// and format are told by the first bytes of each file, not by its name:
//
//   - PAR1 begins Parquet;
//   - an object that fills the first line begins JSON Lines, any other object
//     JSON: objects one behind the other, or one around the array of records;
//   - an array of objects is JSON, and is never held in memory as a whole;
//   - otherwise the name decides: .csv, .tsv, .txt and so on;
//   - without a telling name, lines of as many cells are TSV or CSV.
//
// Options.Format says it instead. Text is UTF-8, with or without a byte order
// mark, unless Options.Encoding names another; line ends may be CRLF. Arrow IPC,
// tar, 7z and what is compressed twice are errors that say what to do.
//
// # What can be wrong
//
// What is wrong with one row is a *datamix.RecordError with the path, the row and
// the byte where it begins: JSON that is none, text that is not UTF-8, columns that
// are missing, a row longer than Options.MaxRow. The next row follows.
//
// What is wrong with a file is final, and comes behind all rows before it: damage,
// an end that comes too early, a Parquet file without its footer, an array that is
// not closed. With Options.Salvage it is one bad record, and the next file
// follows. A file that cannot be opened or read on is final in any case, and so
// is one whose format or schema cannot be told.
//
// # Concurrency
//
// One goroutine cuts files into rows, Options.Workers others decode them. Order,
// records and errors are the same for every number of them, and none outlives its
// range. Files of up to 256 KiB, and one worker, take no goroutine.
package source
