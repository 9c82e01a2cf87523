package sink

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// cardName is the file that Hugging Face datasets reads when it loads a folder.
// Without it, it guesses the columns of JSON Lines from the first megabytes and
// fails where a column or key comes up only later.
const cardName = "README.md"

// CardMark is a line in the front matter of a README.md that a sink has written.
// One without it is somebody else's and stays as it is.
const CardMark = "# Written by datamix with the shards, and replaced with them."

// column is a column of JSON rows, or a part of one.
type column struct {
	name    string
	dtype   string   // of a scalar
	list    bool     // of what follows
	members []column // of an object
}

func textColumn(name string) column { return column{name: name, dtype: "string"} }

// formColumns returns the columns that a form itself may write; none for
// FormRaw, which has those of the rows.
func formColumns(f Form) []column {
	switch f {
	case FormMessages:
		call := column{name: "tool_calls", list: true, members: []column{textColumn("id"), textColumn("type"),
			{name: "function", members: []column{textColumn("name"), textColumn("arguments")}}}}
		return []column{{name: "messages", list: true, members: []column{
			textColumn("role"), textColumn("content"), textColumn("reasoning_content"), textColumn("name"), call,
			textColumn("tool_call_id"), {name: "train", dtype: "bool"}}}, textColumn("tools")}
	case FormShareGPT:
		turn := []column{textColumn("from"), textColumn("value")}
		return []column{{name: "conversations", list: true, members: turn}, textColumn("system"), textColumn("tools")}
	case FormAlpaca:
		pair := []column{{list: true, dtype: "string"}}
		return []column{textColumn("instruction"), textColumn("input"), textColumn("output"), textColumn("system"),
			{name: "history", list: true, members: pair}}
	case FormPromptCompletion:
		return []column{textColumn("prompt"), textColumn("completion")}
	case FormText:
		return []column{textColumn("text")}
	}
	return nil
}

// allColumns returns the columns of the rows, nil where they depend on the data.
func (o *Options) allColumns() []column {
	if o.As == FormRaw || o.Extra == ExtraColumns {
		return nil
	}
	cs := formColumns(o.As)
	if o.Extra == ExtraJSON {
		cs = append(cs, textColumn("extra"))
	}
	if o.SourceColumn != NoSource {
		cs = append(cs, textColumn(o.SourceColumn))
	}
	if o.Provenance {
		number := func(name string) column { return column{name: name, dtype: "int64"} }
		cs = append(cs, column{name: "provenance", members: []column{
			textColumn("part"), textColumn("path"), number("row"), number("sub"), number("pass")}})
	}
	return cs
}

// appendFeatures appends columns as the YAML of a card has them.
func appendFeatures(dst []byte, cs []column, indent string) []byte {
	for _, c := range cs {
		dst = append(dst, indent+"- "...)
		if c.name != "" {
			dst = append(dst, "name: "...)
			dst = append(jsonx.AppendString(dst, c.name), "\n"+indent+"  "...)
		}
		dst = appendType(dst, c, indent+"  ")
	}
	return dst
}

func appendType(dst []byte, c column, indent string) []byte {
	switch {
	case c.list && c.dtype != "":
		return append(dst, "list: "+c.dtype+"\n"...)
	case c.list && c.members[0].name == "": // a list of lists
		return appendType(append(dst, "list:\n"+indent+"  "...), c.members[0], indent+"  ")
	case c.list:
		return appendFeatures(append(dst, "list:\n"...), c.members, indent)
	case len(c.members) > 0:
		return appendFeatures(append(dst, "struct:\n"...), c.members, indent)
	}
	return append(dst, "dtype: "+c.dtype+"\n"...)
}

// cardHeader returns what load_dataset needs to know of a folder, as YAML.
func (f *Folder) cardHeader(m Manifest) []byte {
	split := strings.NewReplacer("-", "_", ".", "_").Replace(f.o.Prefix)
	b := []byte(CardMark + "\nconfigs:\n- config_name: default\n  data_files:\n  - split: " + split + "\n    path: ")
	pattern := fmt.Sprintf("%s-*-of-%05d%s", f.o.Prefix, len(m.Shards), f.writer.suffix())
	b = append(jsonx.AppendString(b, pattern), '\n')
	if cs := f.o.allColumns(); cs != nil && f.format == formatJSONL {
		b = append(b, "dataset_info:\n  features:\n"...)
		b = appendFeatures(b, cs, "  ")
	}
	return b
}

// plainCard is the card of a folder where no other is attached.
func plainCard(title string, c Contents) []byte {
	return fmt.Appendf(nil, "---\n%s---\n\n# %s\n\nRows: %s. Files: %d. Form: %s. Sizes and hashes are in %s.\n", c.CardHeader, title,
		datamix.Thousands(c.Manifest.Rows), len(c.Manifest.Shards), c.Manifest.Form, ManifestName)
}

// writesCard reports whether the folder has no card, or one of a sink.
func (f *Folder) writesCard() bool {
	old, err := os.ReadFile(f.path(cardName))
	return err != nil || bytes.Contains(old, []byte(CardMark))
}
