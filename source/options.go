package source

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/input"
	"github.com/datamix-go/datamix/source/schema"
)

// Format is a file format.
type Format string

// The formats. The zero value stands for finding the format by the start of
// each file; see the package documentation for the rules.
const (
	JSONL   Format = "jsonl"   // one JSON object a line
	JSON    Format = "json"    // an array of objects, or objects one behind the other
	CSV     Format = "csv"     // values separated by commas
	TSV     Format = "tsv"     // values separated by tabs
	Parquet Format = "parquet" // Apache Parquet
	Text    Format = "text"    // plain text
)

var formats = []Format{JSONL, JSON, CSV, TSV, Parquet, Text}

// defaultMaxRow is the default of Options.MaxRow: far above the longest rows of
// text data sets, and small enough to be held several times over.
const defaultMaxRow = 64 << 20

// Options configures a source that reads files. The zero value of each field is
// its default, nil Options are all defaults. Options that contradict each other
// are the error of the first range over the source.
//
// Messages call an option what a recipe calls it: encoding is Encoding, max_row
// MaxRow, csv.names CSV.Names.
type Options struct {
	// Format of the files. Default: found for each file by its start; the name
	// only decides where the start leaves it open.
	Format Format `json:"format,omitempty"`
	// Schema names the schema of the rows, see package schema. Default: found
	// for each file by its first rows, and for a row that lacks the columns by
	// the row itself. Not together with Adapter or Columns.
	Schema string `json:"schema,omitempty"`
	// SchemaOptions are the options of Schema.
	SchemaOptions *schema.Options `json:"schema_options,omitempty"`
	// Adapter makes the records of the rows instead of a schema known by name.
	// It must be safe for concurrent use where Workers is not 1. With schema.Named
	// caches keep what is computed of the records. The memory of rows is used
	// again only where the adapter is a datamix.Borrower that keeps nothing.
	Adapter schema.Adapter `json:"-"`
	// Columns says which columns hold what, instead of a schema.
	Columns *schema.Columns `json:"columns,omitempty"`
	// Labels are set on every record.
	Labels map[string]string `json:"labels,omitempty"`
	// Workers is the number of goroutines that decode rows; one more reads. 0
	// stands for GOMAXPROCS. With 1, and for a single file of at most 256 KiB,
	// there is no goroutine at all. The records are the same for every number.
	Workers int `json:"workers,omitempty"`
	// MaxRow is the most bytes that one decompressed row may have. A longer one
	// is a bad record. 0 stands for 64 MiB. It does not apply to Parquet, of whose
	// rows a page is held in memory in any case.
	MaxRow int64 `json:"max_row,omitempty"`
	// Salvage keeps what is whole in a file that is damaged or cut short: the rows
	// before the fault are yielded, the fault is one bad record, to skip or put
	// into quarantine like any other, and the next file follows. By default such a
	// fault is final. Files that cannot be opened or read on are final in any case.
	Salvage bool `json:"salvage,omitempty"`
	// Encoding is the character encoding of text formats by its WHATWG
	// name, such as "windows-1252" or "utf-16le". Default: UTF-8.
	Encoding string `json:"encoding,omitempty"`
	// At is where in a JSON object the array of records is: keys joined by
	// dots, such as "data.examples". Default: the one array of objects that is
	// a member of the outermost object.
	At string `json:"at,omitempty"`
	// CSV is about files in the formats CSV and TSV; with others it is an error.
	CSV *CSVOptions `json:"csv,omitempty"`
	// Text is about plain text files; with others it is an error.
	Text *TextOptions `json:"text,omitempty"`
	// Parquet is about Parquet files; with others it is an error.
	Parquet *ParquetOptions `json:"parquet,omitempty"`
}

// ParquetOptions configures the reading of Parquet.
type ParquetOptions struct {
	// Columns names the columns that are read; the bytes of others are not
	// touched, and records do not have them. Default: all. A name that a file
	// does not have is an error.
	Columns []string `json:"columns,omitempty"`
}

// CSVOptions configures the reading of separated values.
type CSVOptions struct {
	// Header says whether the first row names the columns. Default: HeaderAuto.
	Header Header `json:"header,omitempty"`
	// Names of the columns, instead of those in the file. With HeaderAuto the
	// first row is a header only if it consists of these names.
	Names []string `json:"names,omitempty"`
	// Comma is the ASCII character between cells. Default: a tab for TSV,
	// otherwise a comma; or, where the first row has no comma, the semicolon, tab
	// or "|" that cuts all rows of the first 256 KiB into as many cells.
	Comma Comma `json:"comma,omitempty"`
	// Quotes says whether cells may be quoted. Default: QuotesAuto.
	Quotes Quotes `json:"quotes,omitempty"`
	// Unescape replaces the two characters \n in a cell by a newline.
	Unescape bool `json:"unescape,omitempty"`
}

// Header says whether the first row names the columns.
type Header string

// The values of Header. HeaderAuto looks at the first 256 KiB: the first row is
// a header if the options name columns and all of these are in it. Otherwise it
// is one if all its cells could be names (different, at most 40 bytes and four
// words of letters, digits, spaces and _-./#:(), no numbers, only the first may
// be empty), none stands again in its column, and one is a usual column name
// such as "question", or at least three rows follow and some column holds
// nothing in them that could be a name. Without a header columns are called
// col0, col1 and so on.
const (
	HeaderAuto Header = "auto"
	HeaderYes  Header = "yes"
	HeaderNo   Header = "no"
)

// Quotes says whether cells may be quoted as in RFC 4180.
type Quotes string

// The values of Quotes. QuotesAuto looks at the first 256 KiB: with a comma
// between cells they are CSV quotes, unless there are cells that begin with a
// quote and not one of them is well-formed; with anything else between cells
// they are plain text, unless every cell that begins with one is well-formed
// and one of them needs its quotes, or all cells but numbers are quoted.
const (
	QuotesAuto Quotes = "auto"
	QuotesCSV  Quotes = "csv"
	QuotesNone Quotes = "none"
)

// TextOptions configures the reading of plain text.
type TextOptions struct {
	// By says what one record is. Default: ByLine.
	By TextBy `json:"by,omitempty"`
	// Separator is what stands between records, with BySeparator.
	Separator string `json:"separator,omitempty"`
}

// TextBy is what one record of a plain text is.
type TextBy string

// The values of TextBy. Lines are given without their line ends, and empty ones
// are records too. Paragraphs are separated by lines of white space. What lies
// between separators is left as it is, also where it is empty; only white space
// behind the last one is no record. An empty file has no record.
const (
	ByLine      TextBy = "line"
	ByParagraph TextBy = "paragraph"
	ByFile      TextBy = "file"
	BySeparator TextBy = "separator"
)

// settings are Options after checks, shared by all ranges over a source.
type settings struct {
	Options
	csv     CSVOptions
	text    TextOptions
	adapter schema.Adapter // nil: by detection
	several bool           // a row may make several records
	joiner  schema.Joiner  // adapter, where several rows make one
	labels  []string       // keys of Labels in order
}

func (o *Options) settings() (*settings, error) {
	s := &settings{}
	if o != nil {
		s.Options = *o
	}
	o = &s.Options
	if o.CSV != nil {
		s.csv = *o.CSV
	}
	if o.Text != nil {
		s.text = *o.Text
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.MaxRow == 0 {
		o.MaxRow = defaultMaxRow
	}
	s.labels = slices.Sorted(maps.Keys(o.Labels))
	if err := errors.Join(o.check(), s.csv.check(o.Format), s.text.check()); err != nil {
		return nil, err
	}
	return s, s.chooseAdapter()
}

// check finds contradictions among the options themselves.
func (o *Options) check() error {
	only := func(field string, set bool, fs ...Format) error {
		if set && o.Format != "" && !slices.Contains(fs, o.Format) {
			return fmt.Errorf("%s does not apply to the format %s", field, o.Format)
		}
		return nil
	}
	switch {
	case o.Format != "" && !slices.Contains(formats, o.Format):
		return fmt.Errorf("the option format: %w: %q; known are %v", datamix.ErrUnknownName, o.Format, formats)
	case o.Workers < 0:
		return fmt.Errorf("the option workers is %d, want 0 or more", o.Workers)
	case o.MaxRow < 0 || o.MaxRow > 1<<30:
		return fmt.Errorf("the option max_row is %d, want 0 to %d", o.MaxRow, 1<<30)
	case o.SchemaOptions != nil && o.Schema == "":
		return errors.New("the option schema_options needs the option schema")
	case o.Schema != "" && o.Adapter != nil, o.Schema != "" && o.Columns != nil, o.Adapter != nil && o.Columns != nil:
		return errors.New("set only one of the options schema and columns and Options.Adapter")
	case o.Encoding != "" && o.Format == Parquet:
		return errors.New("the option encoding does not apply to the format parquet")
	}
	if err := input.CheckEncoding(o.Encoding); err != nil {
		return fmt.Errorf("the option encoding: %w", err)
	}
	return errors.Join(only("the option \"at\"", o.At != "", JSON), only("the option csv", o.CSV != nil, CSV, TSV), only("the option text", o.Text != nil, Text),
		only("the option parquet", o.Parquet != nil, Parquet))
}

func (o *CSVOptions) check(f Format) error {
	seen := map[string]bool{}
	for i, n := range o.Names {
		if n == "" || seen[n] {
			return fmt.Errorf("the option csv.names: name %d, %q, is empty or stands twice", i, n)
		}
		seen[n] = true
	}
	switch {
	case !slices.Contains([]Header{"", HeaderAuto, HeaderYes, HeaderNo}, o.Header):
		return fmt.Errorf("the option csv.header is %q, want auto, yes or no", o.Header)
	case !slices.Contains([]Quotes{"", QuotesAuto, QuotesCSV, QuotesNone}, o.Quotes):
		return fmt.Errorf("the option csv.quotes is %q, want auto, csv or none", o.Quotes)
	case o.Comma < 0 || o.Comma > 127 || o.Comma == '"' || o.Comma == '\n' || o.Comma == '\r':
		return fmt.Errorf("the option csv.comma is %q, want an ASCII character that is no quote and no line end", o.Comma)
	case f == TSV && o.Comma != 0 && o.Comma != '\t':
		return fmt.Errorf("the option csv.comma is %q, and the format tsv has tabs: set the option format to csv", o.Comma)
	}
	return nil
}

func (o *TextOptions) check() error {
	switch o.By {
	case "", ByLine, ByParagraph, ByFile:
		if o.Separator != "" {
			return fmt.Errorf("the option text.separator needs text.by %q", BySeparator)
		}
	case BySeparator:
		if o.Separator == "" {
			return fmt.Errorf("the option text.by %q needs a text.separator", BySeparator)
		}
	default:
		return fmt.Errorf("the option text.by is %q, want line, paragraph, file or separator", o.By)
	}
	return nil
}

// borrows reports whether the adapter keeps nothing of what it is given. One of the
// user's may, unless it says that it does not.
func (s *settings) borrows() bool { return s.Adapter == nil || datamix.Borrows(s.Adapter) }

// chooseAdapter sets the adapter that the options name, if they do.
func (s *settings) chooseAdapter() (err error) {
	switch {
	case s.Adapter != nil:
		s.adapter, s.several = s.Adapter, true
	case s.Columns != nil:
		s.adapter, err = schema.FromColumns(*s.Columns)
	case s.Schema != "":
		s.adapter, err = schema.New(s.Schema, s.SchemaOptions)
		s.several = s.SchemaOptions != nil
	}
	if s.joiner, _ = s.adapter.(schema.Joiner); s.joiner != nil {
		s.several = true
	}
	return err
}
