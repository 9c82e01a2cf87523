package schema_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/source/schema"
)

// oak has a rejected and a deleted reply, replies without a rank, and user
// turns that nobody answers.
const oak = `{"message_tree_id":"t","tree_state":"ready","prompt":{"text":"q","role":"prompter","lang":"de","replies":[
	{"text":"gone","role":"assistant","deleted":true,"rank":0,"replies":[{"text":"x","role":"prompter","replies":[]}]},
	{"text":"bad","role":"assistant","review_result":false,"rank":0,"replies":[]},
	{"text":"unranked","role":"assistant","rank":null,"replies":[]},
	{"text":"second","role":"assistant","rank":2,"replies":[{"text":"u","role":"prompter","replies":[]}]},
	{"text":"first","role":"assistant","rank":1,"message_id":"m1","replies":[
		{"text":"open","role":"prompter","replies":[]},
		{"text":"more","role":"prompter","replies":[{"text":"b","role":"assistant","rank":1,"replies":[]},{"text":"a","role":"assistant","rank":0,"replies":null}]},
		{"text":"else","role":"prompter","replies":[{"text":"c","role":"assistant"}]}]}]}}`

func TestTrees(t *testing.T) {
	const (
		a = `user:q {lang="de"} / assistant:first {rank=1} {message_id="m1"} / user:more / assistant:a {rank=0} #language=de +message_tree_id +tree_state`
		b = `user:q {lang="de"} / assistant:first {rank=1} {message_id="m1"} / user:more / assistant:b {rank=1} #language=de +message_tree_id +tree_state`
		c = `user:q {lang="de"} / assistant:first {rank=1} {message_id="m1"} / user:else / assistant:c #language=de +message_tree_id +tree_state`
		d = `user:q {lang="de"} / assistant:second {rank=2} #language=de +message_tree_id +tree_state`
		e = `user:q {lang="de"} / assistant:unranked #language=de +message_tree_id +tree_state`
	)
	for _, x := range []struct {
		options *schema.Options
		want    []string
	}{
		{nil, []string{a}},
		{&schema.Options{Tree: "best"}, []string{a}},
		{&schema.Options{Tree: "top_k", TopK: 1}, []string{a}},
		{&schema.Options{Tree: "top_k", TopK: 2}, []string{a, b, c, d}},
		{&schema.Options{Tree: "all"}, []string{a, b, c, d, e}},
	} {
		ad, err := schema.New("oasst_tree", x.options)
		require.NoError(t, err)
		assert.Equal(t, x.want, adapt(t, ad, oak))
	}
}

func TestTreeOfRootMessage(t *testing.T) {
	const raw = `{"message_id":"m","parent_id":null,"text":"q","role":"prompter","lang":"en","rank":null,"replies":[{"text":"a","role":"assistant","rank":0,"replies":[],"labels":null}],"labels":null}`
	name, a, err := schema.Detect(row(t, raw))
	require.NoError(t, err)
	assert.Equal(t, "oasst_tree", name)
	assert.Equal(t, []string{"user:q / assistant:a {rank=0} #language=en +message_id +parent_id +lang +rank +labels"}, adapt(t, a, raw))
}

func TestSeveralRecordsOfOneRow(t *testing.T) {
	a, err := schema.New("instances", &schema.Options{Instances: "all"})
	require.NoError(t, err)
	r := row(t, `{"id":"k","instruction":"i","instances":[{"input":"n","output":"o"},{"output":"p"}]}`)
	r.Origin.Row = 7
	var all []*datamix.Record
	require.NoError(t, a.Adapt(r, func(r *datamix.Record) { all = append(all, r) }))
	require.Len(t, all, 2)
	assert.Equal(t, "user:i~~n / assistant:o +id", dump(all[0]))
	assert.Equal(t, "user:i / assistant:p +id", dump(all[1]))
	assert.Equal(t, "rows.jsonl:7", all[0].ID())
	assert.Equal(t, "rows.jsonl:7.1", all[1].ID())
	all[0].SetMessages([]datamix.Message{datamix.User("x")})
	assert.Equal(t, "user:i / assistant:p +id", dump(all[1]), "the records do not share turns")
}

func TestJoin(t *testing.T) {
	a, err := schema.New("oasst_messages", &schema.Options{Tree: "all"})
	require.NoError(t, err)
	join := a.(schema.Joiner)
	require.ErrorContains(t, a.Adapt(row(t, `{}`), nil), "its rows must be joined")
	key, err := join.Key(row(t, `{"message_tree_id":"t"}`))
	require.NoError(t, err)
	assert.Equal(t, "t", key)
	_, err = join.Key(row(t, `{"text":"x"}`))
	require.ErrorContains(t, err, `no column "message_tree_id"`)
	for _, c := range []struct {
		rows []string
		want []string
		err  string
	}{
		{[]string{
			`{"message_id":"2","parent_id":"1","text":"a","role":"assistant","rank":1}`, // in any order
			`{"message_id":"1","parent_id":null,"text":"q","role":"prompter","lang":"en"}`,
			`{"message_id":"3","parent_id":"1","text":"b","role":"assistant","rank":0}`,
			`{"message_id":"4","parent_id":"3","text":"r","role":"prompter"}`,
		}, []string{
			`user:q / assistant:b {message_id="3"} {parent_id="1"} {rank=0} #language=en +message_id +parent_id +lang`,
			`user:q / assistant:a {message_id="2"} {parent_id="1"} {rank=1} #language=en +message_id +parent_id +lang`,
		}, ""},
		{[]string{`{"message_id":"1","text":"q","role":"prompter"}`}, nil, "no reply of an assistant is left"},
		{[]string{`{"message_id":"1","text":"q","role":"prompter"}`, `{"message_id":"1","parent_id":"1"}`}, nil, `the message "1" stands twice`},
		{[]string{`{"message_id":"1"}`, `{"message_id":"2"}`}, nil, `"1" and "2" of one tree have no parent_id`},
		{[]string{`{"message_id":"1","parent_id":"0"}`}, nil, "the tree has no first message"},
		{[]string{`{"message_id":"1"}`, `{"message_id":"2","parent_id":"9"}`}, nil, `the tree lacks the message "9"`},
		{[]string{`{"text":"q"}`}, nil, `no column "message_id"`},
	} {
		var rows []*datamix.Record
		for _, raw := range c.rows {
			rows = append(rows, row(t, raw))
		}
		var got []string
		err := join.Join(rows, func(r *datamix.Record) { got = append(got, dump(r)) })
		if c.err != "" {
			require.ErrorContains(t, err, c.err)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
	}
}
