package source

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// Comma is a character between cells, such as ';'. In JSON and YAML it is a text
// of that character; its number is read, too.
type Comma rune

// UnmarshalJSON reads ";" or 59.
func (c *Comma) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		r, n := utf8.DecodeRuneInString(text)
		if n == 0 || n < len(text) {
			return fmt.Errorf("want one character such as \";\" or \"\\t\", got %q", text)
		}
		*c = Comma(r)
		return nil
	}
	var number int32
	if err := json.Unmarshal(b, &number); err != nil {
		return fmt.Errorf("want one character such as \";\" or \"\\t\", got %s", b)
	}
	*c = Comma(number)
	return nil
}

// MarshalJSON writes ";".
func (c Comma) MarshalJSON() ([]byte, error) { return json.Marshal(string(rune(c))) }
