package sink

import (
	"slices"

	"github.com/datamix-go/datamix"
)

// messageKeys is the key under which ExtraJSON keeps the keys of messages.
const messageKeys = "message_keys"

var takenInExtra = []string{messageKeys}

// appendExtra appends the object of ExtraJSON, nothing where it would be empty.
func appendExtra(dst []byte, r *datamix.Record) []byte {
	start := len(dst)
	for f := range r.Extra() {
		dst = append(dst, ',')
		dst = appendMember(dst, freeName(f.Name, takenInExtra, r.Fields()), f)
	}
	if hasMessageKeys(r) {
		dst = append(dst, `,"`+messageKeys+`":`...)
		dst = appendMessageKeys(dst, r.Messages())
	}
	if len(dst) == start {
		return dst
	}
	dst[start] = '{'
	return append(dst, '}')
}

func hasMessageKeys(r *datamix.Record) bool {
	ms := r.Messages()
	for i := range ms {
		if len(ms[i].Extra) > 0 {
			return true
		}
	}
	return false
}

func appendMessageKeys(dst []byte, ms []datamix.Message) []byte {
	dst = append(dst, '[')
	for i := range ms {
		if i > 0 {
			dst = append(dst, ',')
		}
		if len(ms[i].Extra) == 0 {
			dst = append(dst, "null"...)
			continue
		}
		dst = append(dst, '{')
		for j, f := range ms[i].Extra {
			if j > 0 {
				dst = append(dst, ',')
			}
			dst = appendMember(dst, f.Name, f)
		}
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

// rename is what stands before the name of a column that a form has taken.
const rename = "row_"

// freeName returns name, with "row_" before it as often as is needed to be
// neither taken nor, once changed, a name of another column of the row.
func freeName(name string, taken []string, row []datamix.Field) string {
	if !slices.Contains(taken, name) {
		return name
	}
	for {
		name = rename + name
		if !slices.Contains(taken, name) && !slices.ContainsFunc(row, func(f datamix.Field) bool { return f.Name == name }) {
			return name
		}
	}
}
