package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/datamix-go/datamix"
)

// Adapter turns a row into canonical records. r is fresh from a reader: it has
// columns, but neither messages nor text. An adapter usually gives r itself its
// messages and emits it; where a row holds several records it emits copies with
// Origin.Sub 0, 1, 2 and so on. It emits in a fixed order, and after an error
// nothing of the row counts. A row of which nothing is emitted is an error.
//
// The adapters of this package keep no state: one may be used for all rows of a
// file and by several goroutines at a time.
type Adapter interface {
	Adapt(r *datamix.Record, emit func(*datamix.Record)) error
}

// Func is an Adapter that is a Go function.
type Func func(r *datamix.Record, emit func(*datamix.Record)) error

// Adapt calls f.
func (f Func) Adapt(r *datamix.Record, emit func(*datamix.Record)) error { return f(r, emit) }

// Named gives an adapter a name and a version, by which a cache knows what it made
// of the rows: without them nothing that was computed of them is kept. Who changes
// what the adapter does has to count the version up.
func Named(name string, version int, a Adapter) Adapter {
	return named{a, datamix.NewSpec(name, version, nil)}
}

type named struct {
	Adapter
	spec datamix.Spec
}

func (n named) Spec() (datamix.Spec, bool) { return n.spec, true }
func (n named) Borrows() bool              { return datamix.Borrows(n.Adapter) }

// Options holds what some schemas leave open. The zero value of each field is
// its default. An option that does not apply to the schema is an error of New.
type Options struct {
	// Tree says which paths of a conversation tree become records: "best" (the
	// default) the best ranked reply at each turn, one record a tree; "top_k"
	// every path within the TopK best ranked replies to each turn; "all" every
	// path. For oasst_tree.
	Tree string `json:"tree,omitempty"`
	// TopK is the number of replies to a turn that Tree "top_k" keeps, at least
	// 1. It has no default and no meaning with another Tree.
	TopK int `json:"top_k,omitempty"`
	// Instances says which instances of a task become records: "first" (the
	// default) or "all". For instances.
	Instances string `json:"instances,omitempty"`
	// Roles maps role names that the package does not know, in lower case, to
	// those of the root package, such as "narrator" to "user". For schemas with
	// lists of messages.
	Roles map[string]string `json:"roles,omitempty"`
}

// Names returns the names of the schemas, in the order in which Detect tries
// them.
func Names() []string {
	names := make([]string, len(definitions))
	for i, d := range definitions {
		names[i] = d.name
	}
	return names
}

// ByName returns the adapter of a schema with default options. The error for a
// name that is not known wraps datamix.ErrUnknownName and lists those that are.
func ByName(name string) (Adapter, error) { return New(name, nil) }

// New returns the adapter of the schema of that name; nil options are the
// defaults.
func New(name string, o *Options) (Adapter, error) {
	for i := range definitions {
		d := &definitions[i]
		if d.name != name {
			continue
		}
		if o == nil {
			return d.adapter(&settings{}), nil
		}
		s, err := o.settings(d)
		if err != nil {
			return nil, fmt.Errorf("schema %s: %w", name, err)
		}
		return d.adapter(s), nil
	}
	return nil, fmt.Errorf("%w: schema %q; known: %s", datamix.ErrUnknownName, name, strings.Join(Names(), ", "))
}

// settings is Options after checks, with what Detect found out.
type settings struct {
	tree         string
	topK         int
	allInstances bool
	roles        map[string]string
	fold         bool // match column names without regard to case
}

func (o *Options) settings(d *definition) (*settings, error) {
	for _, x := range []struct {
		set    bool
		option string
	}{{o.Tree != "", "tree"}, {o.TopK != 0, "top_k"}, {o.Instances != "", "instances"}, {len(o.Roles) > 0, "roles"}} {
		if x.set && !slices.Contains(d.options, x.option) {
			return nil, fmt.Errorf("the option %s does not apply to it", x.option)
		}
	}
	switch o.Tree {
	case "", "best", "all":
		if o.TopK != 0 {
			return nil, fmt.Errorf("the option top_k of %d needs the option tree to be top_k", o.TopK)
		}
	case "top_k":
		if o.TopK < 1 {
			return nil, fmt.Errorf("the option tree: top_k needs a top_k of at least 1, not %d", o.TopK)
		}
	default:
		return nil, fmt.Errorf("unknown tree %q, want best, top_k or all", o.Tree)
	}
	if o.Instances != "" && o.Instances != "first" && o.Instances != "all" {
		return nil, fmt.Errorf("unknown instances %q, want first or all", o.Instances)
	}
	roles, err := checkRoles(o.Roles)
	return &settings{tree: o.Tree, topK: o.TopK, allInstances: o.Instances == "all", roles: roles}, err
}
