package sink

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Form is the shape of the rows that are written.
type Form string

// The forms. What a record holds beyond a form is an error that names the form
// to use instead, never a silent loss.
const (
	// FormMessages is {"messages":[{"role","content",...}]} with the optional
	// keys reasoning_content, name, tool_calls, tool_call_id and train in a
	// message, and the optional column tools. The arguments of calls and the
	// tools are JSON text in a string. It holds every chat that has no parts
	// other than text. The default.
	FormMessages Form = "messages"
	// FormShareGPT is {"conversations":[{"from","value"}]} with the columns
	// system and tools where a record has them. Turns are human, gpt,
	// function_call and observation. The ids of calls have no place in it and
	// are left out: the order of the turns says what belongs together.
	FormShareGPT Form = "sharegpt"
	// FormAlpaca is {"instruction","input","output"} with system and history
	// where a record has them; input is always empty.
	FormAlpaca Form = "alpaca"
	// FormPromptCompletion is {"prompt","completion"}, for chats of one user
	// and one assistant turn.
	FormPromptCompletion Form = "prompt_completion"
	// FormText is {"text"}, for plain texts.
	FormText Form = "text"
	// FormRaw is the row that was read: the bytes of a JSON row (without white
	// space between values where the row had line breaks), for other formats an
	// object of the columns. Records that were changed are an error.
	FormRaw Form = "raw"
)

var forms = []Form{FormMessages, FormShareGPT, FormAlpaca, FormPromptCompletion, FormText, FormRaw}

// Compression is how files are compressed.
type Compression string

// The compressions. The same records make the same bytes, however many
// processors there are. Hugging Face datasets loads Zstd where the Python package
// zstandard is installed.
const (
	None Compression = "none"
	Gzip Compression = "gzip"
	Zstd Compression = "zstd"
)

// Extra says what becomes of the columns of a row that are not in the record's
// messages or text, and of such keys of messages.
type Extra string

// The ways of Extra.
const (
	// ExtraJSON puts them into one string column "extra", as a JSON object with
	// the columns by name and, where messages have keys of their own, an array
	// "message_keys" with an object or null for each turn. Sets with different
	// columns stay loadable as one table. The default.
	ExtraJSON Extra = "json"
	// ExtraColumns writes them beside the form's own columns and, in
	// FormMessages, the form's own keys, with their values as in the row; the
	// other forms leave out the keys of messages. One that has the name of a
	// column or key of the form, such as "source", gets "row_" before its name.
	// Readers that want one type for a column may refuse such files.
	ExtraColumns Extra = "columns"
	// ExtraDrop leaves them out.
	ExtraDrop Extra = "drop"
)

// NoSource as Options.SourceColumn leaves the column out.
const NoSource = "-"

// DefaultRowsPerShard is the number of rows of a shard when neither
// RowsPerShard nor BytesPerShard is set.
const DefaultRowsPerShard = 100_000

// Options say how records are written. The zero value of each field is its
// default; a nil *Options is all defaults.
type Options struct {
	// As is the form of the rows, FormMessages by default.
	As Form `json:"as,omitempty"`
	// Compression is None by default for JSON Lines and Zstd for Parquet, where
	// it applies to pages. For File it goes by the name.
	Compression Compression `json:"compression,omitempty"`
	// Level is the compression level: 1 to 9 for Gzip, 1 to 22 for Zstd as its
	// command line counts, mapped to the nearest of four. 0 is the default of
	// the format, 6 or 3.
	Level int `json:"level,omitempty"`
	// RowsPerShard is the most rows in a file of a folder. A shard also ends
	// at BytesPerShard, whichever comes first. With neither set it is
	// DefaultRowsPerShard.
	RowsPerShard int64 `json:"rows_per_shard,omitempty"`
	// BytesPerShard is the number of bytes before compression at which a shard
	// ends; its last row goes beyond it.
	BytesPerShard int64 `json:"bytes_per_shard,omitempty"`
	// Prefix begins the names of shards, "train" by default: letters, digits,
	// "_", "-" and ".".
	Prefix string `json:"prefix,omitempty"`
	// Overwrite allows a folder that holds shards already, or a file that is
	// there. They are replaced when the new ones are complete, not before.
	Overwrite bool `json:"overwrite,omitempty"`
	// SourceColumn names the column that holds the part of the mix that a
	// record was drawn for (Origin.Source), where there is one: "source" by
	// default, NoSource for none.
	SourceColumn string `json:"source_column,omitempty"`
	// Provenance adds a column "provenance": an object of part, path, row, sub
	// and pass, as in Origin.
	Provenance bool `json:"provenance,omitempty"`
	// Extra is ExtraJSON by default.
	Extra Extra `json:"extra,omitempty"`
}

// resolve returns o with every default filled in, or an error for options that
// mean nothing.
func (o *Options) resolve(format string) (Options, error) {
	var s Options
	if o != nil {
		s = *o
	}
	decorated := s.Provenance || s.Extra != "" || s.SourceColumn != "" && s.SourceColumn != NoSource
	s.fill(format)
	if err := s.check(); err != nil {
		return s, fmt.Errorf("sink: %w", err)
	}
	if s.As == FormRaw && decorated {
		return s, errors.New("sink: form raw writes rows as they are: provenance, extra and source_column do not go with it")
	}
	if format == formatParquet && s.As != FormMessages && s.As != FormText {
		return s, fmt.Errorf("sink: form %q cannot be written as parquet: use messages or text, or JSON Lines", s.As)
	}
	if format == formatParquet && s.Extra == ExtraColumns {
		return s, fmt.Errorf("sink: extra %q cannot be written as parquet, which has one schema for all rows: use json or drop", s.Extra)
	}
	return s, nil
}

// fill replaces zero values by defaults.
func (o *Options) fill(format string) {
	o.As = orElse(o.As, FormMessages)
	o.Extra = orElse(o.Extra, ExtraJSON)
	o.Prefix = orElse(o.Prefix, "train")
	o.SourceColumn = orElse(o.SourceColumn, "source")
	if format == formatParquet {
		o.Compression = orElse(o.Compression, Zstd)
	}
	o.Compression = orElse(o.Compression, None)
	if o.RowsPerShard == 0 && o.BytesPerShard == 0 {
		o.RowsPerShard = DefaultRowsPerShard
	}
}

func (o *Options) check() error {
	switch {
	case !slices.Contains(forms, o.As):
		return fmt.Errorf("unknown form %q; known are %v", o.As, forms)
	case !slices.Contains([]Compression{None, Gzip, Zstd}, o.Compression):
		return fmt.Errorf("unknown compression %q; known are none, gzip, zstd", o.Compression)
	case !slices.Contains([]Extra{ExtraJSON, ExtraColumns, ExtraDrop}, o.Extra):
		return fmt.Errorf("unknown extra %q; known are json, columns, drop", o.Extra)
	case o.RowsPerShard < 0 || o.BytesPerShard < 0:
		return errors.New("rows_per_shard and bytes_per_shard must not be negative")
	case strings.Trim(o.Prefix, prefixBytes) != "" || o.Prefix[0] == '.':
		return fmt.Errorf("prefix %q: only letters, digits, \"_\", \"-\" and \".\" can begin a file name, and no \".\" the first", o.Prefix)
	case slices.Contains(ownColumns(o.As), o.SourceColumn) || o.SourceColumn == "extra" || o.SourceColumn == "provenance":
		return fmt.Errorf("source_column %q is a column of form %s: choose another name", o.SourceColumn, o.As)
	}
	return o.checkLevel()
}

const prefixBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."

func (o *Options) checkLevel() error {
	top := map[Compression]int{None: 0, Gzip: 9, Zstd: 22}[o.Compression]
	if o.Level >= 0 && o.Level <= top {
		return nil
	}
	if o.Compression == None {
		return fmt.Errorf("level %d needs a compression", o.Level)
	}
	return fmt.Errorf("level %d: %s has 1 to %d", o.Level, o.Compression, top)
}

// sharded reports whether o asks for something that only a folder has.
func (o *Options) sharded() bool {
	return o != nil && (o.RowsPerShard != 0 || o.BytesPerShard != 0 || o.Prefix != "")
}

// ownColumns returns the names of the columns that a form itself may write.
func ownColumns(f Form) (names []string) {
	for _, c := range formColumns(f) {
		names = append(names, c.name)
	}
	return names
}

func orElse[T ~string](v, other T) T {
	if v == "" {
		return other
	}
	return v
}
