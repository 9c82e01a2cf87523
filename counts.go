package datamix

import "context"

// Counts holds the token counts of a record.
type Counts struct {
	// Total is the number of tokens of the whole record.
	Total int `json:"total"`
	// Context is the number of tokens of all turns but the last; 0 for a plain
	// text.
	Context int `json:"context"`
	// Final is the number of tokens of the last turn if it is an assistant's;
	// for a plain text, Total.
	Final int `json:"final"`
	// Trainable is the number of tokens that carry loss: of assistant turns
	// unless a message's flag says otherwise; for a plain text, Total.
	Trainable int `json:"trainable"`
	// MaskFaults is the number of spans that should carry loss and turned out not
	// to hold the text that they stand for, so that their tokens are not in
	// Trainable. Only a RecordCounter with a chat template has any.
	MaskFaults int `json:"mask_faults,omitempty"`
}

// Counts returns the token counts, zero before Count has run.
func (r *Record) Counts() Counts { return r.counts }

// Counted reports whether the record's tokens are counted.
func (r *Record) Counted() bool { return r.counted }

// SetCounts sets the token counts. They are forgotten when the messages or the
// text change.
func (r *Record) SetCounts(c Counts) { r.counts, r.counted = c, true }

// RecordCounter is a Tokenizer that counts whole records in its own way, for
// example by rendering a chat template. Use the function CountRecord.
type RecordCounter interface {
	CountRecord(r *Record) (Counts, error)
}

// CountRecord counts the tokens of r with t and keeps the numbers in r and in
// its messages. Unless t is a RecordCounter, the tokens of a chat are those of
// its texts one by one: of each turn its reasoning, its content, and the name
// and arguments of its tool calls. Role names, tools and template marks are not
// counted then.
func CountRecord(t Tokenizer, r *Record) (Counts, error) {
	if rc, ok := t.(RecordCounter); ok {
		c, err := rc.CountRecord(r)
		if err == nil {
			r.SetCounts(c)
		}
		return c, err
	}
	var c Counts
	if r.isText {
		c.Total = t.Count(r.text)
		c.Final, c.Trainable = c.Total, c.Total
	}
	for i := range r.messages {
		m := &r.messages[i]
		n := 0
		m.texts(func(s string) { n += t.Count(s) })
		m.Tokens = n
		c.Total += n
		if m.Trains() {
			c.Trainable += n
		}
		if i < len(r.messages)-1 {
			c.Context += n
		} else if m.Role == RoleAssistant {
			c.Final = n
		}
	}
	r.SetCounts(c)
	return c, nil
}

// Count is the stage that counts the tokens of every record with t.
func Count(t Tokenizer) Step {
	spec, ok := Describe(t)
	s := Step{do: func(_ context.Context, r *Record) (Verdict, error) {
		_, err := CountRecord(t, r)
		return Keep, err
	}, name: "count", pure: true}
	if ok {
		s.spec, s.described = Spec{Name: "count", Version: 1, Inner: []Spec{spec}}, true
	}
	return s
}
