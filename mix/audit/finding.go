package audit

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is what a Finding is about.
type Kind string

// The kinds.
const (
	Empty       Kind = "empty"       // the set has no rows
	Unreadable  Kind = "unreadable"  // a file cannot be read to its end
	BadRow      Kind = "bad_row"     // a row cannot be read
	NoManifest  Kind = "no_manifest" // the manifest is damaged
	MissingFile Kind = "missing_file"
	ExtraFile   Kind = "extra_file"  // a shard that the manifest does not list
	Checksum    Kind = "checksum"    // a file is not the one of the manifest
	RowCount    Kind = "row_count"   // a file has other rows than the manifest says
	TokenCount  Kind = "token_count" // a file has other tokens than the manifest says
	Content     Kind = "content"     // the records are not those of the report
	NoColumn    Kind = "no_column"   // no row has the column to group by
	Unlabelled  Kind = "unlabelled"  // some rows lack it
	MissingPart Kind = "missing_part"
	UnknownPart Kind = "unknown_part" // a group that the recipe does not have
	Share       Kind = "share"
	Amount      Kind = "amount"
	Prefix      Kind = "prefix" // the shares do not hold at every prefix
	Repeats     Kind = "epochs" // a part is repeated more often than allowed
	Duplicates  Kind = "duplicates"
	TooLong     Kind = "too_long"
	MaskFault   Kind = "mask_faults"
	Uncounted   Kind = "uncounted" // a comparison needs tokens
	NotCompared Kind = "not_compared"
)

// Finding is one thing that an audit found.
type Finding struct {
	Kind Kind `json:"kind"`
	// Fails reports whether the set does not pass for it.
	Fails bool `json:"fails"`
	// Group and File are what it is about, where that is one.
	Group string `json:"group,omitempty"`
	File  string `json:"file,omitempty"`
	// Text says it in a sentence.
	Text string `json:"text"`
}

// order sorts findings: those that fail first, otherwise as they were found.
func order(f Finding) int {
	if f.Fails {
		return 0
	}
	return 1
}

// FailedError says why a set does not pass.
type FailedError struct {
	// Findings are those that fail, at least one.
	Findings []Finding
}

// Error returns the findings, one a line.
func (e *FailedError) Error() string {
	lines := make([]string, len(e.Findings))
	for i, f := range e.Findings {
		lines[i] = string(f.Kind) + ": " + f.Text
	}
	if len(lines) == 1 {
		return "the set does not pass: " + lines[0]
	}
	return fmt.Sprintf("the set does not pass, for %d reasons:\n  %s", len(lines), strings.Join(lines, "\n  "))
}

// Has reports whether a finding of the kind is among those that fail.
func (e *FailedError) Has(k Kind) bool {
	return slices.ContainsFunc(e.Findings, func(f Finding) bool { return f.Kind == k })
}

// fail and note add a finding.
func (a *auditor) fail(k Kind, group, format string, args ...any) {
	a.find(k, true, group, format, args...)
}
func (a *auditor) note(k Kind, group, format string, args ...any) {
	a.find(k, false, group, format, args...)
}

func (a *auditor) find(k Kind, fails bool, group, format string, args ...any) {
	a.found = append(a.found, Finding{Kind: k, Fails: fails, Group: group, Text: fmt.Sprintf(format, args...)})
}
