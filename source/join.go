package source

import (
	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/source/schema"
)

// joining stands between a pass and its consumer where a record is spread over
// several rows, and hands on the records that the rows make.
type joining struct {
	p       *pass
	join    schema.Joiner
	yield   func(*datamix.Record, error) bool
	path    string
	key     string
	rows    []*datamix.Record
	stopped bool
}

// add takes what the pass yields.
func (j *joining) add(r *datamix.Record, err error) bool {
	if err != nil {
		j.stopped = !j.yield(nil, err) || datamix.Final(err)
		return !j.stopped
	}
	key, err := j.join.Key(r)
	if err != nil {
		return j.hand(nil, badRow(r, err))
	}
	if len(j.rows) > 0 && (key != j.key || r.Origin.Path != j.path) && !j.flush() {
		return false
	}
	j.key, j.path, j.rows = key, r.Origin.Path, append(j.rows, r)
	return true
}

// flush joins the rows at hand.
func (j *joining) flush() bool {
	if len(j.rows) == 0 || j.stopped {
		return !j.stopped
	}
	rows := j.rows
	j.rows = nil
	var out []*datamix.Record
	if err := j.join.Join(rows, func(r *datamix.Record) { out = append(out, r) }); err != nil {
		return j.hand(nil, badRow(rows[0], err))
	}
	for _, r := range out {
		if j.p.want != nil && !j.p.want(r.Origin) {
			continue
		}
		for _, name := range j.p.set.labels {
			r.SetLabel(name, j.p.set.Labels[name])
		}
		if !j.hand(r, nil) {
			return false
		}
	}
	return true
}

func (j *joining) hand(r *datamix.Record, err error) bool {
	j.stopped = !j.yield(r, err)
	return !j.stopped
}

func badRow(r *datamix.Record, err error) error {
	raw, _ := r.Raw()
	return &datamix.RecordError{Stage: "adapt", Origin: r.Origin, Err: err, Raw: raw}
}
