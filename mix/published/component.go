package published

import "github.com/datamix-go/datamix/mix/report"

// Component is one row of the table: a data set, or a category where the
// publisher gives no more.
type Component struct {
	// ID names the component: it becomes the part's name in a recipe.
	ID string `json:"id"`
	// Name is what the publisher prints, where that is something else.
	Name string `json:"name,omitempty"`
	// Category is the publisher's, unless the Caveats say that it is ours.
	Category string `json:"category,omitempty"`
	// Hub, Config and Split say where the component can be had; Upstream is the
	// data set that it was made from.
	Hub      string `json:"hub,omitempty"`
	Config   string `json:"config,omitempty"`
	Split    string `json:"split,omitempty"`
	Upstream string `json:"upstream,omitempty"`
	// Label is the value of Mixture.Field in the rows of the component.
	Label string `json:"label,omitempty"`
	// License is what the mixture's publisher prints for the component,
	// UpstreamLicense what the component's own page says where it was compared;
	// "unknown" and "none stated" stand for themselves.
	License         string `json:"license"`
	UpstreamLicense string `json:"upstream_license,omitempty"`
	// Schema is the form of the rows at Hub, a key of Mixture.Schemas; empty
	// where it is not known.
	Schema string `json:"schema,omitempty"`
	// Values are the numbers, one for each of Mixture.Columns, nil where it is
	// not known.
	Values []*Number `json:"values"`
	// Filters are those that the publisher applied to what is at Hub.
	Filters []Filter `json:"filters,omitempty"`
	// Made says how the component came to be before that.
	Made []string `json:"made,omitempty"`
}

// NonCommercial reports whether one of the component's licences forbids
// commercial use.
func (c *Component) NonCommercial() bool {
	return report.ReadLicence(c.License).NonCommercial || report.ReadLicence(c.UpstreamLicense).NonCommercial
}

// StricterLicense is License, or UpstreamLicense where that alone forbids
// commercial use or License is not known.
func (c *Component) StricterLicense() string {
	own, upstream := report.ReadLicence(c.License), report.ReadLicence(c.UpstreamLicense)
	if upstream.Known && (!own.Known || upstream.NonCommercial && !own.NonCommercial) {
		return c.UpstreamLicense
	}
	return c.License
}
