package mix

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/datamix-go/datamix"
)

// ErrState is in the error for a state that is damaged, of another version, or
// of another mix than the one that it is given to.
var ErrState = errors.New("datamix/mix: the state does not fit")

// stateVersion is that of the JSON form.
const stateVersion = 1

// State says how far a range over a mix or a Stream is. It is plain data with a
// JSON form, a few hundred bytes; it does not depend on the number of workers.
type State struct {
	// Mix is the fingerprint of what the state belongs to: the recipe and the
	// measured records of a mix, or the recipe of a stream.
	Mix string `json:"mix"`
	// Shard is which shard of the mix; the zero Slice for the whole.
	Shard Slice `json:"shard,omitzero"`
	// Rows is the number of records that were yielded.
	Rows int64 `json:"rows"`
	// Parts are in the order of the mix.
	Parts []PartState `json:"parts"`
}

// PartState is how far one part of a mix is.
type PartState struct {
	// Name is the part's, and Data the fingerprint of its records, empty in a
	// stream.
	Name string `json:"name"`
	Data string `json:"data,omitempty"`
	// Rows is the number of records that were yielded of the part, and Size what
	// they hold in the unit of the mix.
	Rows int64 `json:"rows"`
	Size int64 `json:"size"`
	// Last is the record of a stream's part that was yielded last: where it goes
	// on. Ended says that the part has no more, Passes how often it began again,
	// and Before what of Size was yielded by another recipe.
	Last   *datamix.Origin `json:"last,omitempty"`
	Ended  bool            `json:"ended,omitempty"`
	Passes int             `json:"passes,omitempty"`
	Before int64           `json:"before,omitempty"`
}

// stateJSON is the JSON form of a State.
type stateJSON struct {
	Version int `json:"version"`
	bare
}

// bare is a State without its methods.
type bare State

// MarshalJSON writes the state with its version.
func (s State) MarshalJSON() ([]byte, error) { return json.Marshal(stateJSON{stateVersion, bare(s)}) }

// UnmarshalJSON reads what MarshalJSON wrote. Anything else is an error that
// wraps ErrState.
func (s *State) UnmarshalJSON(data []byte) error {
	var x stateJSON
	if err := json.Unmarshal(data, &x); err != nil {
		return fmt.Errorf("%w: %w", ErrState, err)
	}
	if x.Version != stateVersion {
		return fmt.Errorf("%w: its version is %d, want %d", ErrState, x.Version, stateVersion)
	}
	t := State(x.bare)
	if err := t.check(); err != nil {
		return err
	}
	*s = t
	return nil
}

// check holds what the numbers of a state say of each other.
func (s *State) check() error {
	var rows, size int64
	seen := map[string]bool{}
	for _, p := range s.Parts {
		switch {
		case seen[p.Name]:
			return fmt.Errorf("%w: it has two parts called %q", ErrState, p.Name)
		case p.Rows < 0 || p.Size < 0 || rows+p.Rows < 0 || size+p.Size < 0, p.Before < 0 || p.Before > p.Size || p.Passes < 0:
			return fmt.Errorf("%w: part %s has %d records of size %d", ErrState, p.Name, p.Rows, p.Size)
		}
		seen[p.Name] = true
		rows, size = rows+p.Rows, size+p.Size
	}
	if rows != s.Rows {
		return fmt.Errorf("%w: it counts %d records, and its parts have %d", ErrState, s.Rows, rows)
	}
	if s.Shard.Of < 0 || s.Shard.Number < 0 || s.Shard.Of > 0 && s.Shard.Number >= s.Shard.Of {
		return fmt.Errorf("%w: there is no shard %d of %d", ErrState, s.Shard.Number, s.Shard.Of)
	}
	return nil
}
