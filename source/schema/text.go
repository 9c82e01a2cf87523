package schema

import "github.com/datamix-go/datamix"

// plainText adapts rows that hold a document.
type plainText struct {
	*settings
	names []string
}

func newText(names ...string) func(*settings) Adapter {
	return func(s *settings) Adapter { return &plainText{s, names} }
}

// Adapt makes r the text.
func (p *plainText) Adapt(r *datamix.Record, emit func(*datamix.Record)) error {
	v, ok, err := filled(r, p.names, p.fold, fieldText)
	switch {
	case err != nil:
		return err
	case !ok:
		return missing(r, p.names, p.fold)
	case v.list:
		return wrongKind(v.Name, bytesOf(v.JSON()), "string")
	}
	r.AdaptText(v.text, v.Name)
	emit(r)
	return nil
}
