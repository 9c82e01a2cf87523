package audit

import "github.com/datamix-go/datamix"

// Fault is a kind of fault of the loss mask.
type Fault string

// The faults. The first three are of a chat's own flags, PastLimit depends on
// Options.MaxTokens, WrongSpan on a tokenizer that renders a chat template. A
// record is counted under one of them.
const (
	// NothingTrains: no turn carries loss, or those that do say nothing; such a
	// record costs time and teaches nothing.
	NothingTrains Fault = "nothing_trains"
	// OtherTrains: a turn that is no assistant's carries loss.
	OtherTrains Fault = "other_turn_trains"
	// EmptyTrains: a turn that says nothing carries loss, beside others.
	EmptyTrains Fault = "empty_turn_trains"
	// PastLimit: all that carries loss lies past MaxTokens, so that nothing is
	// left of it when the trainer cuts.
	PastLimit Fault = "trains_past_limit"
	// WrongSpan: the chat template says that a turn stands where it does not, so
	// that its tokens are masked out: datamix.Counts.MaskFaults.
	WrongSpan Fault = "wrong_span"
)

var faults = []Fault{NothingTrains, OtherTrains, EmptyTrains, WrongSpan, PastLimit}

// faultOf returns the fault of a record, "" for none.
func faultOf(r *datamix.Record, maxTokens int64) Fault {
	if r.IsText() {
		if r.Text() == "" {
			return NothingTrains
		}
		return ""
	}
	ms := r.Messages()
	var before int64 // tokens in front of the first turn that trains
	speaking, empty, other := false, false, false
	for i := range ms {
		m := &ms[i]
		switch {
		case !m.Trains():
			if !speaking {
				before += int64(m.Tokens)
			}
			continue
		case m.Empty():
			empty = true
		default:
			speaking = true
		}
		other = other || m.Role != datamix.RoleAssistant
	}
	switch {
	case !speaking, r.Counted() && r.Counts().Trainable == 0:
		return NothingTrains
	case other:
		return OtherTrains
	case empty:
		return EmptyTrains
	case r.Counts().MaskFaults > 0:
		return WrongSpan
	case r.Counted() && maxTokens > 0 && before >= maxTokens:
		return PastLimit
	}
	return ""
}
