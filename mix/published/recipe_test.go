package published_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/filter"
	"github.com/datamix-go/datamix/internal/shareddata"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/audit"
	"github.com/datamix-go/datamix/mix/published"
	"github.com/datamix-go/datamix/sink"
)

// write writes a file of n chats.
func write(t *testing.T, path string, n int) {
	t.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"messages":[{"role":"user","content":"%s %d?"},{"role":"assistant","content":"Yes, %d."}]}`+"\n", filepath.Base(path), i, i)
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
}

func TestRecipeFromAFolder(t *testing.T) {
	dir := t.TempDir()
	m := recipe(t, "no-robots")
	rows, _ := m.Numbers("rows")
	for i, c := range m.Components {
		switch n := int(rows[i].Value) / 10; i % 3 {
		case 0:
			write(t, filepath.Join(dir, c.ID+".jsonl"), n+3)
		case 1:
			write(t, filepath.Join(dir, c.ID, "a.jsonl"), n/2)
			write(t, filepath.Join(dir, c.ID, "b.jsonl"), n/2+3)
		default:
			write(t, filepath.Join(dir, "else", c.ID+".x"), n+3)
		}
	}
	paths := map[string]string{}
	for i, c := range m.Components {
		if i%3 == 2 {
			paths[c.ID] = filepath.Join(dir, "else", c.ID+".*")
		}
	}
	r, err := m.Recipe(&published.Options{Dir: dir, Paths: paths, Total: 1000, Seed: 7, TokenizerName: "cl100k_base"})
	require.NoError(t, err)

	// It is as one from a file: it can be written, read and run.
	data, err := json.Marshal(r)
	require.NoError(t, err)
	again, err := mix.Parse(data, "written")
	require.NoError(t, err)
	out := filepath.Join(dir, "out")
	again.Output = &mix.Output{Dir: out}
	report, err := mix.Run(t.Context(), again, nil)
	require.NoError(t, err)
	assert.EqualValues(t, 1000, report.Output.Rows)
	assert.Equal(t, "CC-BY-NC-4.0", report.Parts[0].Labels["license"])
	assert.Equal(t, "cc-by-nc-4.0", again.License)

	res, err := audit.Files(t.Context(), out, nil)
	require.NoError(t, err)
	v, err := m.VerifyAudit(res, nil)
	require.NoError(t, err)
	require.NoError(t, v.Err())
	assert.Empty(t, v.Exact, "a tenth of the published amounts")
	for i, c := range v.Checks[:10] {
		assert.InDelta(t, rows[i].Value/10_000, c.Found, 1e-12, c.Group)
	}
}

func TestRecipeNeedsData(t *testing.T) {
	m := recipe(t, "smollm1-1.7b-stage2")
	_, err := m.Recipe(nil)
	var missing *published.MissingDataError
	require.ErrorAs(t, err, &missing)
	assert.Len(t, missing.Components, 6)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "python-edu.jsonl"), 3)
	_, err = m.Recipe(&published.Options{Dir: dir})
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, []string{"fineweb-edu-dedup", "cosmopedia-v2", "open-web-math", "stackoverflow", "deepmind_mathematics"}, missing.Components)
	assert.ErrorContains(t, err, "no data for 5 of 6 components: fineweb-edu-dedup, ")
	assert.ErrorContains(t, err, "put fineweb-edu-dedup or fineweb-edu-dedup.* into "+dir)

	r, err := m.Recipe(&published.Options{Dir: dir, LeaveOut: []string{"*"}})
	require.NoError(t, err)
	require.Len(t, r.Parts, 1)
	assert.Equal(t, "python-edu", r.Parts[0].Name)

	_, err = m.Recipe(&published.Options{LeaveOut: []string{"*"}})
	require.ErrorAs(t, err, &missing, "nothing is left")
	all := []string{"python-edu"}
	_, err = m.Recipe(&published.Options{Dir: dir, LeaveOut: append(all, missing.Components...)})
	require.ErrorContains(t, err, "every component is left out")

	_, err = m.Recipe(&published.Options{Paths: map[string]string{"python": "x"}})
	require.ErrorContains(t, err, `no component "python"; it has fineweb-edu-dedup, `)
	_, err = m.Recipe(&published.Options{LeaveOut: []string{"web"}})
	require.ErrorContains(t, err, `no component "web"`)
	_, err = m.Recipe(&published.Options{Dir: filepath.Join(dir, "none")})
	require.ErrorAs(t, err, &missing)
	assert.Len(t, missing.Components, 6)
	write(t, filepath.Join(dir, "python-edu.json"), 3)
	_, err = m.Recipe(&published.Options{Dir: dir})
	require.ErrorContains(t, err, "holds python-edu.json and python-edu.jsonl: keep one")
}

// empty has a source for every component.
func empty(m *published.Mixture) map[string]datamix.Source {
	sources := map[string]datamix.Source{}
	for i := range m.Components {
		sources[m.Components[i].ID] = generated{m.Components[i].ID, 0, 0}
	}
	return sources
}

func TestRecipeNeedsFilters(t *testing.T) {
	m := recipe(t, "tulu-3-sft")
	_, err := m.Recipe(&published.Options{Sources: empty(m)})
	var missing *published.MissingFilterError
	require.ErrorAs(t, err, &missing)
	require.Len(t, missing.Filters, 1)
	assert.Equal(t, "decontaminate", missing.Filters[0].Name)
	assert.Equal(t, []string{"wildchat", "numina-tir", "evol-codealpaca", "wildjailbreak", "wildguardmix"}, missing.Filters[0].Components)
	assert.ErrorContains(t, err, "tulu-3-sft names filters that cannot be built:\n  decontaminate (")
	assert.ErrorContains(t, err, "the registry has no filter of that name; for wildchat, ")

	// One that is left out needs no filter.
	_, err = m.Recipe(&published.Options{Sources: empty(m), LeaveOut: missing.Filters[0].Components})
	require.NoError(t, err)

	r, err := m.Recipe(&published.Options{Sources: empty(m), SkipFilters: []string{"*"}})
	require.NoError(t, err)
	require.NoError(t, r.Build(nil))
	assert.Len(t, r.Parts[3].Filters, 3, "wildchat: its model, other models' names, empty turns")

	r, err = m.Recipe(&published.Options{Sources: empty(m), SkipFilters: []string{"decontaminate", "no_match"}})
	require.NoError(t, err)
	assert.Len(t, r.Parts[3].FilterSpecs, 2)
	_, err = m.Recipe(&published.Options{Sources: empty(m), SkipFilters: []string{"decontamination"}})
	require.ErrorContains(t, err, `names no filter "decontamination" to skip; it names decontaminate, match, `)

	// A registry that has the filter gets the published options.
	registry := filter.Registry(nil)
	var options string
	require.NoError(t, registry.Add("decontaminate", func(s datamix.Spec) (datamix.Filter, error) {
		options = string(s.Options)
		return filter.NoEmptyTurns(), nil
	}))
	r, err = m.Recipe(&published.Options{Sources: empty(m), Filters: registry})
	require.NoError(t, err)
	require.NoError(t, r.Build(&mix.Env{Filters: registry}))
	assert.JSONEq(t, `{"ngram": 8, "in": "user", "overlap": 0.5}`, options)

	// What is not published cannot be built, whatever the registry has.
	_, err = recipe(t, "hermes-3").Recipe(&published.Options{Sources: empty(recipe(t, "hermes-3"))})
	require.ErrorAs(t, err, &missing)
	assert.ErrorContains(t, err, "tokens (lengths within thresholds, to balance short and long conversations): the publisher does not say the thresholds")
}

// The released set in one piece, whose rows name their components, and one
// component from elsewhere.
func TestRecipeFromTheReleasedSet(t *testing.T) {
	m := recipe(t, "no-robots")
	m.Filters = []published.Filter{{Name: "decontaminate", Says: "nothing", Evidence: published.Primary, Source: "norobots-card"}}
	dir := t.TempDir()
	var b strings.Builder
	rows, _ := m.Numbers("rows")
	for i, c := range m.Components {
		for k := range int(rows[i].Value)/100 + 1 {
			fmt.Fprintf(&b, `{"prompt":"p","category":%q,"messages":[{"role":"user","content":"%d %d?"},{"role":"assistant","content":"I am ChatGPT."}]}`+"\n", c.Label, i, k)
		}
	}
	released := filepath.Join(dir, "train.jsonl")
	require.NoError(t, os.WriteFile(released, []byte(b.String()), 0o600))
	write(t, filepath.Join(dir, "chat.jsonl"), 20)

	r, err := m.Recipe(&published.Options{Released: released, Total: 80})
	require.NoError(t, err, "it has passed the filters")
	assert.Empty(t, r.FilterSpecs)
	_, err = m.Recipe(&published.Options{Released: released, Dir: dir, Total: 80})
	var missing *published.MissingFilterError
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, []string{"chat"}, missing.Filters[0].Components)

	r, err = m.Recipe(&published.Options{Released: released, Dir: dir, Total: 80, SkipFilters: []string{"*"}})
	require.NoError(t, err)
	_, found := draw(t, r)
	v, err := m.Verify(found, nil)
	require.NoError(t, err)
	require.NoError(t, v.Err())
	assert.EqualValues(t, 7, found["chat"].Rows)
	assert.EqualValues(t, 36, found["generation"].Rows)

	_, err = recipe(t, "hermes-3").Recipe(&published.Options{Released: released})
	require.ErrorContains(t, err, "no column of its released rows names their component")
}

// The filters that a mixture names and the library has can be built.
func TestKnownFiltersBuild(t *testing.T) {
	each(t, func(t *testing.T, m *published.Mixture) {
		o := &published.Options{Sources: empty(m), SkipFilters: []string{"*"}, Total: 1000}
		if c := column(m, m.Measure).Is; c == published.Fraction || c == published.Repetitions || c == published.KeepProbability {
			o.Total = 0
		}
		r, err := m.Recipe(o)
		require.NoError(t, err)
		require.NoError(t, r.Build(nil))
		_, err = mix.New(*r, nil)
		require.NoError(t, err)
	})
}

func TestFiltersOfTulu3(t *testing.T) {
	m := recipe(t, "tulu-3-sft")
	r, err := m.Recipe(&published.Options{Sources: empty(m), SkipFilters: []string{"*"}})
	require.NoError(t, err)
	require.NoError(t, r.Build(nil))
	keeps := func(part int, r *datamix.Record, filters []datamix.Filter) bool {
		for _, f := range filters {
			v, err := f.Check(context.Background(), r)
			require.NoError(t, err)
			if v != datamix.Keep {
				return false
			}
		}
		return true
	}
	for answer, want := range map[string]bool{
		"I am a language model.": true, "I was made by OpenAI.": false, "Ask Open Assistant.": false, "chatgpt said so": false,
		"GPT-4 is a model": false, "as in GPT-3.5-turbo": false, "the LAION data": false, "a lion": true, "BingChat": false,
		"openair concerts": true, "gpt-2 was earlier": true, " ": false,
	} {
		rec := datamix.NewChat(datamix.Message{Role: datamix.RoleUser, Content: "Are you ChatGPT?"}, datamix.Message{Role: datamix.RoleAssistant, Content: answer})
		assert.Equal(t, want, keeps(1, rec, r.Parts[1].Filters), answer)
	}
	for dataset, want := range map[string]bool{"science.sciriff": true, "tulu_v2": false} {
		rec := datamix.NewChat()
		rec.SetField(datamix.TextField("dataset", dataset))
		assert.Equal(t, want, keeps(5, rec, r.Parts[5].Filters), dataset)
	}
}

func TestQuantities(t *testing.T) {
	for _, x := range []struct {
		name  string
		total mix.Total
		part  int
		want  mix.Quantity
		unit  datamix.Unit
		size  mix.Total
		epoch float64
	}{
		{"tulu-3-sft", 0, 0, mix.Rows(240), "rows", 0, 10},
		{"tulu-3-sft", 0, 1, mix.Rows(7132), "rows", 0, 0},
		{"tulu-3-sft", 1000, 1, mix.Weight(7132), "rows", 1000, 0},
		{"smollm-corpus", 0, 0, mix.Tokens(28_000_000_000), "tokens", 0, 0},
		{"smollm-corpus", 100, 0, mix.Weight(28_000_000_000), "tokens", 100, 0},
		{"smollm1-135m-360m", 0, 1, mix.Weight(0.15), "tokens", 629_145_600_000, 0},
		{"llama-3-pretraining", 0, 1, mix.Share(0.25), "tokens", 15_000_000_000_000, 0},
		{"llama-3-sft", mix.Largest, 5, mix.Share(0.0011), "rows", mix.Largest, 0},
		{"losslessmegacode-v3-tiny", 0, 0, mix.Share(0.8), "rows", 650_000, 0},
		{"cosmopedia-v0.1", 0, 7, mix.Share(0.001), "tokens", 25_000_000_000, 0},
		{"hermes-3", 0, 4, mix.Tokens(18_000_000), "tokens", 0, 0},
		{"smoltalk2-sft", 0, 4, mix.Rows(203_421), "rows", 0, 0},
		{"smollm1-instruct", 0, 2, mix.Epochs(0.001), "rows", 0, 0},
		{"dclm-7b", 0, 1, mix.Epochs(2), "rows", 0, 2},
		{"dclm-cooldown", 0, 0, mix.Epochs(0.85), "rows", 0, 0},
		{"olmo-2-dolmino-50b", 0, 5, mix.Tokens(10_692_040_000), "tokens", 0, 0},
		{"olmo-2-dolmino-300b", 0, 1, mix.Tokens(34_160_000_000), "tokens", 0, 2},
		{"olmo-2-dolmino-300b", 0, 5, mix.Tokens(42_768_160_000), "tokens", 0, 4},
		{"olmo-2-dolmino-100b", 0, 4, mix.Tokens(7_320_000_000), "tokens", 0, 2},
	} {
		m := recipe(t, x.name)
		r, err := m.Recipe(&published.Options{Sources: empty(m), SkipFilters: m.FilterNames(), Total: x.total})
		require.NoError(t, err, x.name)
		assert.Equal(t, x.want, r.Parts[x.part].Quantity, "%s %s", x.name, r.Parts[x.part].Name)
		assert.Equal(t, x.unit, r.Unit, x.name)
		assert.Equal(t, x.size, r.Total, x.name)
		assert.InDelta(t, x.epoch, r.Parts[x.part].MaxEpochs, 0, "%s %s", x.name, r.Parts[x.part].Name)
	}
	// Shares of which some are left out divide the whole among the rest.
	m := recipe(t, "llama-3-pretraining")
	r, err := m.Recipe(&published.Options{Sources: empty(m), SkipFilters: []string{"*"}, LeaveOut: []string{"code"}})
	require.NoError(t, err)
	assert.Equal(t, mix.Weight(0.5), r.Parts[0].Quantity)
	for name, want := range map[string]string{"llama-3-sft": "its size is not published: give a total of rows", "dclm-7b": ""} {
		m := recipe(t, name)
		_, err := m.Recipe(&published.Options{Sources: empty(m), SkipFilters: m.FilterNames()})
		if want == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, want)
		}
	}
	m = recipe(t, "dclm-7b")
	_, err = m.Recipe(&published.Options{Sources: empty(m), Total: 5})
	require.ErrorContains(t, err, "so it takes no total")
	_, err = m.Recipe(&published.Options{Sources: empty(m), Total: -5})
	require.ErrorContains(t, err, "total is -5")
}

// Sources that are repeated or taken in part give so many passes.
func TestFractionsAreDrawn(t *testing.T) {
	for name, want := range map[string][]int64{"dclm-7b": {1000, 2000, 2000}, "dclm-cooldown": {850, 1000, 1000}, "smollm1-instruct": {1000, 1000, 1, 1000, 1000}} {
		m := recipe(t, name)
		sources := map[string]datamix.Source{}
		for i := range m.Components {
			sources[m.Components[i].ID] = generated{m.Components[i].ID, 1000, 0}
		}
		r, err := m.Recipe(&published.Options{Sources: sources})
		require.NoError(t, err)
		_, found := draw(t, r)
		for i := range m.Components {
			assert.Equal(t, want[i], found[m.Components[i].ID].Rows, "%s %s", name, m.Components[i].ID)
		}
	}
}

// Llama 3's table from rows that are as long as its averages: shares, turns and
// tokens come out as printed.
func TestLlama3Table(t *testing.T) {
	m := recipe(t, "llama-3-sft")
	sources := map[string]datamix.Source{}
	for i := range m.Components {
		sources[m.Components[i].ID] = averaged{m, i}
	}
	const rows = 100_000
	r, err := m.Recipe(&published.Options{Sources: sources, Total: rows, SkipFilters: []string{"*"}})
	require.NoError(t, err)
	_, found := draw(t, r)
	share, _ := m.Numbers("share")
	for i := range m.Components {
		assert.InDelta(t, share[i].Value*rows, float64(found[m.Components[i].ID].Rows), 1e-6, m.Components[i].ID)
	}
	v, err := m.Verify(found, &published.VerifyOptions{Share: 1e-9, Average: 0.005})
	require.NoError(t, err)
	require.NoError(t, v.Err(), v.String())
	assert.Len(t, v.Checks, 6*5)
}

// averaged is a source whose rows have the turns and tokens of a component of
// Llama 3's table on average.
type averaged struct {
	m *published.Mixture
	i int
}

func (a averaged) Records(context.Context) datamix.Seq {
	return func(yield func(*datamix.Record, error) bool) {
		number := func(column string) float64 {
			n, _ := a.m.Numbers(column)
			return n[a.i].Value
		}
		// Row k has what makes the sum of the first k+1 rows right.
		upTo := func(x float64, k int64) int { return int(x*float64(k+1)+0.5) - int(x*float64(k)+0.5) }
		for k := range int64(60_000) {
			turns := make([]datamix.Message, upTo(number("turns"), k))
			for j := range turns {
				turns[j].Role = datamix.RoleUser
			}
			turns[len(turns)-1].Role = datamix.RoleAssistant
			r := datamix.NewChat(turns...)
			r.Origin = datamix.Origin{Path: a.m.Components[a.i].ID, Row: k}
			c := datamix.Counts{Context: upTo(number("context"), k), Final: upTo(number("final"), k)}
			c.Total, c.Trainable = c.Context+c.Final, c.Final
			r.SetCounts(c)
			if !yield(r, nil) {
				return
			}
		}
	}
}

// A set is verified from its files alone, by the labels that the released set
// has. One that is damaged is not.
func TestVerifyAudit(t *testing.T) {
	m := recipe(t, "tulu-3-sft")
	dir := filepath.Join(t.TempDir(), "set")
	dst := sink.JSONL(dir, nil)
	released, _ := m.Numbers("released_rows")
	for i := range m.Components {
		for k := range int(released[i].Value) / 100 {
			r := datamix.NewChat(datamix.Message{Role: datamix.RoleUser, Content: fmt.Sprint(i, k)}, generatedTurns[1])
			r.Origin.Source = m.Components[i].Label
			require.NoError(t, dst.Write(t.Context(), r))
		}
	}
	require.NoError(t, dst.Close())
	res, err := audit.Files(t.Context(), dir, nil)
	require.NoError(t, err)
	v, err := m.VerifyAudit(res, nil)
	require.NoError(t, err)
	require.NoError(t, v.Err())
	assert.Equal(t, "component", v.By)

	res, err = audit.Files(t.Context(), dir, &audit.Options{By: "kind"})
	require.NoError(t, err)
	_, err = m.VerifyAudit(res, nil)
	require.ErrorContains(t, err, `no row has the column "kind"`)

	write(t, filepath.Join(dir, "more.jsonl"), 3)
	res, err = audit.Files(t.Context(), dir, nil)
	require.NoError(t, err)
	_, err = m.VerifyAudit(res, nil)
	require.ErrorContains(t, err, "more.jsonl is not in the manifest")
}

// The rows of a real sample have the label of their component.
func TestVerifyRealRows(t *testing.T) {
	m := recipe(t, "tulu-3-sft")
	res, err := audit.Files(t.Context(), filepath.Join(shareddata.Dir(t), "tulu3-sample", "sft_sample.jsonl"), nil)
	require.NoError(t, err)
	v, err := m.VerifyAudit(res, nil)
	require.NoError(t, err)
	assert.Empty(t, v.Unknown)
	assert.EqualValues(t, 100, v.Total.Rows)
	require.ErrorIs(t, v.Err(), published.ErrVerify, "a hundred rows of OpenAssistant are not Tulu 3")
}

// The stages of SmolLM2 one after the other, each in its shares.
func TestCurriculum(t *testing.T) {
	var stages []*published.Mixture
	sources := map[string]datamix.Source{}
	for i := range 4 {
		m := recipe(t, fmt.Sprintf("smollm2-stage%d", i+1))
		stages = append(stages, m)
		for _, c := range m.Components {
			sources[c.ID] = generated{c.ID, 20_000, 600}
		}
	}
	const total = 11_000_000
	r, err := published.Curriculum(&published.Options{Sources: sources, Total: total}, stages...)
	require.NoError(t, err)
	assert.Len(t, r.Parts, 8, "fineweb-edu, dclm, starcoderdata, open-web-math, stack-edu, math, web, cosmopedia-v2")
	m, err := mix.New(*r, nil)
	require.NoError(t, err)
	plan, err := m.Plan(t.Context())
	require.NoError(t, err)
	require.Len(t, plan.Stages, 4)
	seen := map[string]bool{}
	next, stop := iter.Pull2(m.Records(t.Context()))
	defer stop()
	for i, stage := range plan.Stages {
		assert.InDelta(t, []float64{6e6, 2e6, 2e6, 1e6}[i], float64(stage.Total), 1)
		found := map[string]datamix.Tally{}
		for _, p := range stage.Parts {
			for range p.Rows { // of any part: the stage is over when all have come
				rec, err, ok := next()
				require.True(t, ok)
				require.NoError(t, err)
				require.False(t, seen[rec.Origin.String()], "a part goes on where it stopped")
				seen[rec.Origin.String()] = true
				tally := found[rec.Origin.Source]
				tally.Count(rec)
				found[rec.Origin.Source] = tally
			}
		}
		v, err := stages[i].Verify(found, nil)
		require.NoError(t, err)
		require.NoError(t, v.Err())
	}
	_, _, ok := next()
	assert.False(t, ok)
}

func TestCurriculumRefuses(t *testing.T) {
	for want, names := range map[string][]string{
		"a curriculum needs stages":                                            nil,
		"smollm2-stage1 is counted in tokens, no-robots in rows":               {"smollm2-stage1", "no-robots"},
		"dclm-7b gives repetitions of its components, not shares":              {"dclm-7b"},
		"the size of smollm2-long-context is not published":                    {"smollm2-stage4", "smollm2-long-context"},
		"llama-3-pretraining name different filters":                           {"smollm2-stage4", "llama-3-pretraining"},
		"smollm2-stage1 + smollm2-stage2: no data for 4 of 4 components: fine": {"smollm2-stage1", "smollm2-stage2"},
	} {
		var stages []*published.Mixture
		for _, name := range names {
			stages = append(stages, recipe(t, name))
		}
		_, err := published.Curriculum(nil, stages...)
		assert.ErrorContains(t, err, want)
	}
	a, b := recipe(t, "smollm2-stage1"), recipe(t, "smollm2-stage2")
	b.Components[0].Hub = "a/b"
	_, err := published.Curriculum(nil, a, b)
	require.ErrorContains(t, err, "fineweb-edu is a/b in smollm2-stage2, and HuggingFaceFW/fineweb-edu in a stage before")
}
