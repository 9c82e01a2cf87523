package bpe

// Texts is what the token with each id stands for, in one string: "" for an id
// that no token has. The zero value has none.
type Texts struct {
	all  string
	ends []uint32 // by id, where its text ends in all and that of the next begins
}

// NewTexts returns the texts that lie one behind the other in all, of the ids from
// 0 on, each up to its end.
func NewTexts(all string, ends []uint32) *Texts { return &Texts{all, ends} }

// Len returns the number of ids.
func (t *Texts) Len() int { return len(t.ends) }

// All returns all texts, one behind the other.
func (t *Texts) All() string { return t.all }

// Of returns the text of an id, which must be below Len.
func (t *Texts) Of(id uint32) string {
	from := uint32(0)
	if id > 0 {
		from = t.ends[id-1]
	}
	return t.all[from:t.ends[id]]
}

// Longest returns the length in bytes of the longest text, at least 1.
func (t *Texts) Longest() int {
	n, from := uint32(1), uint32(0)
	for _, end := range t.ends {
		n, from = max(n, end-from), end
	}
	return int(n)
}

// Map returns the texts that f makes of each.
func (t *Texts) Map(f func(text string) string) *Texts {
	all, ends := make([]byte, 0, len(t.all)), make([]uint32, len(t.ends))
	for id := range ends {
		all = append(all, f(t.Of(uint32(id)))...)
		ends[id] = uint32(len(all))
	}
	return NewTexts(string(all), ends)
}
