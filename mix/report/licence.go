package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/datamix-go/datamix"
)

// LicenceOf returns what labels say of the licence, under "license" or
// "licence"; "" where they say nothing or only a dash.
func LicenceOf(labels map[string]string) string {
	for _, key := range []string{"license", "licence"} {
		if v := strings.TrimSpace(labels[key]); v != "" && v != "-" {
			return v
		}
	}
	return ""
}

// Licence says what a licence asks of those who pass on a data set under it, as
// far as its name tells. It is a help for people who check, not legal advice.
type Licence struct {
	// ID is the licence as the Hub spells it: "cc-by-nc-4.0".
	ID string
	// Known reports whether the name is one of a licence at all; "other",
	// "unknown" and names of no known family are not.
	Known bool
	// NonCommercial: no commercial use.
	NonCommercial bool
	// ShareAlike: what is made of the data must carry the same licence.
	ShareAlike bool
	// NoDerivatives: what is made of the data must not be passed on.
	NoDerivatives bool
	// OwnTerms: the terms are those of one company or model, with limits of
	// their own on use.
	OwnTerms bool
}

// licencePatterns are what ReadLicence knows licences by.
type licencePatterns struct {
	forms                                  []licenceForm
	id, openLicences, shareAlike, ownTerms *regexp.Regexp
}

// licenceForm rewrites how people spell a licence to how the Hub does.
type licenceForm struct {
	pattern *regexp.Regexp
	to      string
}

var patternsOfLicences = sync.OnceValue(func() *licencePatterns {
	return &licencePatterns{
		forms: []licenceForm{
			{regexp.MustCompile(`^(the )?apache([ -]?software)?([ -]?license)?,?[ -]*(version[ -]*)?2(\.0)?$`), "apache-2.0"},
			{regexp.MustCompile(`^(the )?mit([ -]licen[cs]e)?$`), "mit"},
			{regexp.MustCompile(`^(creative commons )?cc[ -]?0([ -]1\.0)?( universal)?$|^public domain$`), "cc0-1.0"},
			{regexp.MustCompile(`^odc[ -]by([ -]1\.0)?$|^odc-attribution$`), "odc-by"},
			{regexp.MustCompile(`^odbl([ -]1\.0)?$`), "odbl"},
			{regexp.MustCompile(`^cc[ -]by((?:[ -](?:nc|sa|nd))*)[ -]?v?([0-9]\.[0-9])?$`), "cc-by$1-$2"},
		},
		id:           regexp.MustCompile(`^[a-z0-9][a-z0-9.+-]*$`),
		openLicences: regexp.MustCompile(`^(apache-2\.0|mit|mit-0|cc0-1\.0|odc-by|pddl|unlicense|isc|zlib|bsd(-[0-9]-clause(-clear)?)?|artistic-2\.0|bsl-1\.0|wtfpl|cc-by-[0-9.]+|cdla-permissive-[12]\.0|afl-3\.0|ecl-2\.0|ncsa|postgresql|etalab-2\.0|cc|c-uda)$`),
		shareAlike:   regexp.MustCompile(`^(a?gpl|lgpl|gfdl|odbl|ms-rl|mpl|epl|eupl|osl|cdla-sharing)([-.0-9].*)?$`),
		ownTerms:     regexp.MustCompile(`^(llama|gemma|openrail|bigscience|bigcode|creativeml|deepfloyd|open-mdw|intel-research|apple-|fair-noncommercial|impact-|ai2-impact|tongyi|qwen|openai|microsoft|nvidia|grok|lgpl-lr|h-research)`),
	}
})

// ReadLicence reads the name of a licence, however it is spelled.
func ReadLicence(name string) Licence {
	id := strings.ToLower(strings.TrimSpace(name))
	id = strings.ReplaceAll(id, "_", "-")
	if id == "" {
		return Licence{}
	}
	known := patternsOfLicences()
	for _, f := range known.forms {
		if f.pattern.MatchString(id) {
			id = strings.TrimSuffix(strings.ReplaceAll(f.pattern.ReplaceAllString(id, f.to), " ", "-"), "-")
			break
		}
	}
	l := Licence{ID: id}
	words := strings.FieldsFunc(id, func(r rune) bool { return r == '-' || r == '.' || r == ' ' })
	creative := strings.HasPrefix(id, "cc-by")
	has := func(w string) bool { return slices.Contains(words, w) }
	l.NonCommercial = creative && has("nc") || strings.Contains(id, "noncommercial") || strings.Contains(id, "non-commercial") ||
		strings.Contains(id, "research-only") || strings.HasPrefix(id, "intel-research")
	l.ShareAlike = creative && has("sa") || known.shareAlike.MatchString(id)
	l.NoDerivatives = creative && has("nd")
	l.OwnTerms = known.ownTerms.MatchString(id)
	l.Known = known.id.MatchString(id) && (creative || known.openLicences.MatchString(id) || l.ShareAlike || l.OwnTerms || l.NonCommercial)
	return l
}

// Open reports whether the licence is known and asks at most that its authors
// be named.
func (l Licence) Open() bool {
	return l.Known && !l.NonCommercial && !l.ShareAlike && !l.NoDerivatives && !l.OwnTerms
}

// licencesOf returns the licences that a part's label names: several are joined
// by commas, semicolons or "and".
func licencesOf(labels map[string]string) (ls []Licence) {
	for _, name := range licenceJoint.Split(LicenceOf(labels), -1) {
		if name = strings.TrimSpace(name); name != "" {
			ls = append(ls, ReadLicence(name))
		}
	}
	return ls
}

var licenceJoint = regexp.MustCompile(`(?i)[,;+]|\band\b`)

// LicenceWarnings returns what somebody who passes the mix on under a licence
// must look at: parts for no commercial use, with licences that others must
// carry on, that forbid derivatives, with terms of their own, and parts whose
// licence is unknown. declared is the licence that the mix is to have, "" where
// that is open. Parts that gave nothing are left out.
func LicenceWarnings(r datamix.Report, declared string) []string {
	parts := written(r)
	d := ReadLicence(declared)
	var out []string
	warn := func(bad func(Licence) bool, format string) {
		var names []string
		for _, p := range parts {
			for _, l := range licencesOf(p.Labels) {
				if bad(l) {
					names = append(names, fmt.Sprintf("%s (%s)", p.Name, l.ID))
				}
			}
		}
		if len(names) > 0 {
			out = append(out, fmt.Sprintf(format, some(names)))
		}
	}
	nonCommercial := "Not for commercial use: %s. The mix as a whole is not either."
	if declared != "" && !d.NonCommercial {
		nonCommercial = "Not for commercial use: %s. The mix is declared as " + d.ID + ", which allows it: leave these parts out or declare a licence without commercial use."
	}
	warn(func(l Licence) bool { return l.NonCommercial }, nonCommercial)
	warn(func(l Licence) bool { return l.ShareAlike && (declared == "" || l.ID != d.ID) },
		"Share-alike: %s. What is made of these parts must carry their licence.")
	warn(func(l Licence) bool { return l.NoDerivatives }, "No derivatives: %s. A mix is one.")
	warn(func(l Licence) bool { return l.OwnTerms }, "Terms of their own: %s. Read them before use.")
	warn(func(l Licence) bool { return !l.Known }, "Unknown licence: %s.")
	var silent []string
	for _, p := range parts {
		if len(licencesOf(p.Labels)) == 0 {
			silent = append(silent, p.Name)
		}
	}
	if len(silent) > 0 {
		out = append(out, fmt.Sprintf("No licence is given for: %s. Label the parts with one (labels: {license: ...}).", some(silent)))
	}
	return out
}

// some joins names, of which it leaves out those beyond a dozen: the table of
// licences has them all.
func some(names []string) string {
	const most = 12
	if n := len(names) - most; n > 1 {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", n)
	}
	return strings.Join(names, ", ")
}

// written returns the parts that gave a record.
func written(r datamix.Report) (parts []datamix.PartReport) {
	for _, p := range r.Parts {
		if p.Output.Rows > 0 {
			parts = append(parts, p)
		}
	}
	return parts
}

// licenceTable sums up the mix by licence.
func licenceTable(r datamix.Report) Table {
	t := Table{Title: "Licences", Columns: []string{"Licence", "Parts", "Rows", "Share of rows", "Tokens"}, Texts: 2}
	byLicence := r
	byLicence.Parts = nil
	for _, p := range written(r) {
		var ids []string
		for _, l := range licencesOf(p.Labels) {
			ids = append(ids, l.ID)
		}
		p.Labels = map[string]string{"license": strings.Join(ids, ", ")}
		byLicence.Parts = append(byLicence.Parts, p)
	}
	if len(byLicence.Parts) == 0 {
		return t
	}
	groups := Groups(byLicence, "license")
	byOutput(groups, datamix.Rows)
	all := total(groups)
	for _, g := range groups {
		names := make([]string, len(g.Parts))
		for i, p := range g.Parts {
			names[i] = p.Name
		}
		t.Rows = append(t.Rows, []string{g.Name, strings.Join(names, ", "), thousands(g.Output.Rows),
			percent(ratio(g.Output.Rows, all.Rows), 2), thousands(g.Output.Tokens)})
	}
	return t
}
