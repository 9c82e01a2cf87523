package report_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix/report"
)

func TestReadLicence(t *testing.T) {
	for _, test := range []struct {
		name string
		want report.Licence
	}{
		{"Apache-2.0", report.Licence{ID: "apache-2.0", Known: true}},
		{"apache 2.0", report.Licence{ID: "apache-2.0", Known: true}},
		{"Apache License, Version 2.0", report.Licence{ID: "apache-2.0", Known: true}},
		{"MIT License", report.Licence{ID: "mit", Known: true}},
		{"ODC-BY-1.0", report.Licence{ID: "odc-by", Known: true}},
		{"CC0", report.Licence{ID: "cc0-1.0", Known: true}},
		{"bsd-3-clause", report.Licence{ID: "bsd-3-clause", Known: true}},
		{"CC BY 4.0", report.Licence{ID: "cc-by-4.0", Known: true}},
		{"CC-BY-NC-4.0", report.Licence{ID: "cc-by-nc-4.0", Known: true, NonCommercial: true}},
		{"cc_by_nc_sa_3.0", report.Licence{ID: "cc-by-nc-sa-3.0", Known: true, NonCommercial: true, ShareAlike: true}},
		{"CC BY-SA 4.0", report.Licence{ID: "cc-by-sa-4.0", Known: true, ShareAlike: true}},
		{"CC BY-ND", report.Licence{ID: "cc-by-nd", Known: true, NoDerivatives: true}},
		{"ODbL-1.0", report.Licence{ID: "odbl", Known: true, ShareAlike: true}},
		{"gpl-3.0", report.Licence{ID: "gpl-3.0", Known: true, ShareAlike: true}},
		{"llama3.1", report.Licence{ID: "llama3.1", Known: true, OwnTerms: true}},
		{"impact-lr", report.Licence{ID: "impact-lr", Known: true, OwnTerms: true}},
		{"other", report.Licence{ID: "other"}},
		{"unknown", report.Licence{ID: "unknown"}},
		{"ccc", report.Licence{ID: "ccc"}},
		{"cc-by-4.0\nevil: x", report.Licence{ID: "cc-by-4.0\nevil: x"}},
		{"", report.Licence{}},
	} {
		assert.Equal(t, test.want, report.ReadLicence(test.name), test.name)
	}
	assert.True(t, report.ReadLicence("mit").Open())
	assert.False(t, report.ReadLicence("other").Open())
}

func TestLicenceWarnings(t *testing.T) {
	of := func(licences ...string) (r datamix.Report) {
		for i, l := range licences {
			p := datamix.PartReport{Name: string(rune('a' + i)), Output: datamix.Tally{Rows: 1}}
			if l != "" {
				p.Labels = map[string]string{"license": l}
			}
			r.Parts = append(r.Parts, p)
		}
		return r
	}
	assert.Empty(t, report.LicenceWarnings(of("mit", "apache-2.0, cc-by-4.0"), "apache-2.0"))
	assert.Empty(t, report.LicenceWarnings(of("cc-by-sa-4.0"), "CC BY-SA 4.0"), "passed on under the same licence")
	assert.Equal(t, []string{
		"Not for commercial use: b (cc-by-nc-4.0). The mix is declared as mit, which allows it: leave these parts out or declare a licence without commercial use.",
		"Share-alike: c (cc-by-sa-4.0). What is made of these parts must carry their licence.",
		"No derivatives: d (cc-by-nd-4.0). A mix is one.",
		"Terms of their own: e (gemma). Read them before use.",
		"Unknown licence: f (other).",
		"No licence is given for: g. Label the parts with one (labels: {license: ...}).",
	}, report.LicenceWarnings(of("mit", "cc-by-nc-4.0", "cc-by-sa-4.0", "cc-by-nd-4.0", "gemma", "other", "-"), "mit"))
	assert.Equal(t, []string{"Not for commercial use: a (cc-by-nc-4.0). The mix as a whole is not either."}, report.LicenceWarnings(of("cc-by-nc-4.0"), ""))

	unused := of("cc-by-nc-4.0")
	unused.Parts[0].Output = datamix.Tally{}
	assert.Empty(t, report.LicenceWarnings(unused, "mit"), "a part that gave nothing is not in the mix")
}
