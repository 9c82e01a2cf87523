package schema_test

import (
	"encoding/json"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/source/schema"
)

func TestColumns(t *testing.T) {
	for _, c := range []struct{ columns, raw, want string }{
		{`{"user":["Body","Question"],"assistant":"Answer"}`, `{"Body":"b","Question":"q","Answer":"a","Type":"t"}`, "user:b~~q / assistant:a +Type"},
		{`{"user":["Body","Question"],"assistant":"Answer"}`, `{"Body":null,"Question":"q","Answer":""}`, "user:q / assistant: +Body"},
		{`{"system":"S","user":"U","assistant":"A"}`, `{"S":"s","U":"u","A":"a"}`, "system:s / user:u / assistant:a"},
		{`{"system":"S?","user":["U","V?"],"assistant":"A"}`, `{"U":"u","A":"a"}`, "user:u / assistant:a"},
		{`{"user":["Body","Question"],"assistant":"Answer"}`, `{"ID":"1","Body":"b","Question":"q","Answer":145.0}`, "user:b~~q / assistant:145.0 +ID"},
		{`{"user":"q","assistant":"meta.right"}`, `{"q":"is it?","meta":{"right":true}}`, "user:is it? / assistant:true +meta"},
		{`{"user":"why?","assistant":"A"}`, `{"why?":"u","A":"a"}`, "user:u / assistant:a"},
		{`{"prompt":"p","completion":"c"}`, `{"p":"u","c":"a"}`, "user:u / assistant:a"},
		{`{"user":"u"}`, `{"u":"u","answer":"a"}`, "user:u +answer"},
		{`{"messages":"traj"}`, `{"traj":[{"role":"user","content":"a"}],"tools":[{"name":"f"}]}`, "user:a +tools"},
		{`{"messages":"traj","tools":"T","system":"S"}`, `{"traj":"[{\"from\":\"human\",\"value\":\"a\"}]","T":"[{\"name\":\"f\"}]","S":"s"}`, `system:s / user:a tools=[{"name":"f"}]`},
		{`{"messages":"traj","roles":{"narrator":"user"}}`, `{"traj":[{"from":"narrator","value":"a"}]}`, "user:a"},
		{`{"messages":"m"}`, `{"m":["a","b"]}`, "user:a / assistant:b"},
		{`{"messages":"m"}`, `{"m":[{"role":"user","content":[{"type":"text","value":"a"}]}]}`, "user:a [text a]"},
		{`{"messages":"m"}`, `{"m":[["a","b"]]}`, "user:a / assistant:b"},
		{`{"messages":"m"}`, `{"m":"User: a\n\nAssistant: b"}`, "user:a / assistant:b"},
		{`{"user":"translation.en","assistant":"translation.de","labels":{"l":"meta.l"}}`, `{"translation":{"en":"u","de":"a"},"meta":"{\"l\":\"x\"}"}`,
			"user:u / assistant:a #l=x +translation +meta"},
		{`{"messages":"data.chat"}`, `{"data":{"chat":[{"role":"user","content":"a"}]}}`, "user:a +data"},
		{`{"text":["a.b.c","a.x?"]}`, `{"a":{"b":{"c":["t","u"]}}}`, `text="t\nu" +a`},
		{`{"user":"a.b","assistant":"c"}`, `{"a.b":"u","c":"a"}`, "user:u / assistant:a"},
		{`{"text":"T"}`, `{"T":"t","id":1}`, `text="t" +id`},
		{`{"text":["title","steps"]}`, `{"title":"t","steps":["one","two"]}`, `text="t\n\none\ntwo"`},
		{`{"user":"u","assistant":"a","tools":"T","labels":{"category":"topic","license":"l","score":"n","none":"x"}}`,
			`{"u":"u","a":"a","T":[{"name":"f"}],"topic":"math","l":"MIT","n":0.5,"x":null}`,
			`user:u / assistant:a tools=[{"name":"f"}] #category=math #license=MIT #score=0.5 +topic +l +n +x`},
	} {
		var columns schema.Columns
		require.NoError(t, json.Unmarshal([]byte(c.columns), &columns))
		a, err := schema.FromColumns(columns)
		require.NoError(t, err)
		assert.Equal(t, []string{c.want}, adapt(t, a, c.raw), c.columns)
		again, err := json.Marshal(columns)
		require.NoError(t, err)
		assert.JSONEq(t, c.columns, string(again))
	}
}

func TestColumnsFromYAML(t *testing.T) {
	var c schema.Columns
	require.NoError(t, yaml.Unmarshal([]byte("user: [Body, Question]\nassistant: Answer\nlabels: {category: topic}\n"), &c))
	assert.Equal(t, schema.Columns{User: schema.ColumnNames{"Body", "Question"}, Assistant: schema.ColumnNames{"Answer"},
		Labels: map[string]string{"category": "topic"}}, c)
	require.ErrorContains(t, json.Unmarshal([]byte(`{"user":{"a":1}}`), &c), "want the name of a column or a list of names")
}

func TestFromColumnsErrors(t *testing.T) {
	one := schema.ColumnNames{"x"}
	for _, c := range []struct {
		columns schema.Columns
		want    string
	}{
		{schema.Columns{}, "nothing says what a record is made of"},
		{schema.Columns{System: one}, "nothing says"},
		{schema.Columns{Assistant: one}, "nothing says"},
		{schema.Columns{Text: one, User: one}, "text and user exclude each other"},
		{schema.Columns{Messages: "m", Text: one}, "messages and text exclude each other"},
		{schema.Columns{User: one, Prompt: one}, "user and prompt exclude each other"},
		{schema.Columns{User: one, Assistant: one, Completion: one}, "assistant and completion exclude each other"},
		{schema.Columns{Messages: "m", Assistant: one}, "messages and assistant exclude each other"},
		{schema.Columns{Text: one, Tools: "t"}, "a text has neither system nor tools"},
		{schema.Columns{Messages: "m", System: schema.ColumnNames{"a", "b"}}, "system takes one column beside messages"},
		{schema.Columns{User: one, Roles: map[string]string{"a": "user"}}, "roles need messages"},
		{schema.Columns{Messages: "m", Roles: map[string]string{"a": "boss"}}, `unknown role "boss"`},
		{schema.Columns{User: schema.ColumnNames{"a", "a"}}, `the column name "a" is empty or stands twice`},
		{schema.Columns{User: schema.ColumnNames{""}}, `the column name "" is empty`},
		{schema.Columns{Text: one, Labels: map[string]string{"a": ""}}, "a label or its column has no name"},
	} {
		_, err := schema.FromColumns(c.columns)
		require.ErrorContains(t, err, c.want)
		assert.ErrorContains(t, err, "columns: ")
	}
}

func TestColumnsAdaptErrors(t *testing.T) {
	for _, c := range []struct{ columns, raw, want string }{
		{`{"user":"U","assistant":"A"}`, `{"U":"u"}`, `the row has no column "A"; it has U (string) (write "A?" for a column that may be missing)`},
		{`{"user":["U","V"],"assistant":"A"}`, `{"U":"u","A":"a"}`, `the row has no column "V"`},
		{`{"user":["U","V?"],"assistant":"A"}`, `{"U":null,"A":"a"}`, `all of the columns U, V? are null or missing`},
		{`{"text":"T.x"}`, `{"T":{"y":"t"}}`, `the row has no column "T.x"; it has T (object)`},
		{`{"text":"T.x"}`, `{"T":{"x":{}}}`, `T.x is an object, want string`},
		{`{"messages":"m"}`, `{"m":null}`, `the column "m" is null, want a value`},
		{`{"user":"U"}`, `{"U":{"a":3}}`, `U is an object, want string`},
		{`{"user":"U"}`, `{"U":["a",3]}`, `U[1] is a number, want string`},
		{`{"user":"U","system":"S"}`, `{"U":"u"}`, `the row has no column "S"`},
		{`{"user":"U","tools":"T"}`, `{"U":"u"}`, `the row has no column "T"`},
		{`{"messages":"m","tools":"T"}`, `{"m":["a"]}`, `the row has no column "T"`},
		{`{"messages":"m"}`, `{"n":["a"]}`, `the row has no column "m"`},
		{`{"messages":"m"}`, `{"m":"a"}`, `m is a string, want a list of messages`},
		{`{"text":"T","labels":{"x":"L"}}`, `{"T":"t"}`, `the row has no column "L"`},
		{`{"text":"T","labels":{"x":"L"}}`, `{"T":"t","L":[]}`, `L is an array, want a string, number or bool for a label`},
	} {
		var columns schema.Columns
		require.NoError(t, json.Unmarshal([]byte(c.columns), &columns))
		a, err := schema.FromColumns(columns)
		require.NoError(t, err)
		err = a.Adapt(row(t, c.raw), func(*datamix.Record) { t.Error("emitted: " + c.raw) })
		assert.ErrorContains(t, err, c.want, c.columns)
	}
}
