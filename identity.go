package datamix

import (
	"context"
	"encoding/json"
)

// Identified is a Source that can tell whether it would yield again what it
// yielded before. Use the function Identity.
type Identified interface {
	// Identity returns a text that becomes another one whenever the records may:
	// it covers where they come from, what state that is in, and the options
	// that they are read with. ok is false where the source cannot tell.
	Identity(ctx context.Context) (id string, ok bool)
}

// Identity returns a text that is the same as long as src yields the same
// records, so that what was computed from them can be kept. Where ok is false
// nothing may be kept: the source cannot tell, or a stage of it has no Spec.
func Identity(ctx context.Context, src Source) (id string, ok bool) {
	if s, is := src.(Identified); is {
		return s.Identity(ctx)
	}
	return "", false
}

// Identity is that of the chain's source, with the Specs of its stages.
func (c *chain) Identity(ctx context.Context) (string, bool) {
	id, ok := Identity(ctx, c.src)
	if !ok || len(c.stages) == 0 {
		return id, ok
	}
	specs, ok := describeAll(c.stages)
	if !ok {
		return "", false
	}
	text, err := json.Marshal(specs)
	return id + " " + string(text), err == nil
}
