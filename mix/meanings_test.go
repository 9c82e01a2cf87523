package mix_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
)

// TestMeaningsOfWeight writes down what other systems call a weight, each as a
// recipe, and what it draws of parts of known sizes.
func TestMeaningsOfWeight(t *testing.T) {
	for name, test := range map[string]struct {
		recipe string
		unit   datamix.Unit // of want, rows when empty
		want   map[string]int64
		off    int64 // by how much: the longest record
		err    string
	}{
		"open-instruct: an integer is a number of samples, and may exceed the size": {
			recipe: "parts:\n- {name: small, rows: 240, max_epochs: 10}\n- {name: big, rows: 1000}\n",
			want:   map[string]int64{"small": 240, "big": 1000}},
		"the same without leave to repeat": {
			recipe: "parts:\n- {name: small, rows: 240}\n- {name: big, rows: 1000}\n",
			err:    "part small needs 240 rows, but has 24 in one pass and max_epochs is 1; max_epochs of 10 for this part would free it"},
		"open-instruct: a number with a point is a fraction of the set": {
			recipe: "parts:\n- {name: small, epochs: 1.0}\n- {name: big, epochs: 0.1}\n",
			want:   map[string]int64{"small": 24, "big": 400}},
		"and may be above 1": {
			recipe: "parts:\n- {name: small, epochs: 2.5}\n- {name: big, epochs: 1.25}\n",
			want:   map[string]int64{"small": 60, "big": 5000}},
		"alignment handbook: a fraction that is kept, and never more than there is": {
			recipe: "max_epochs: 1\nparts:\n- {name: small, epochs: 0.5}\n- {name: big, epochs: 0.001}\n",
			want:   map[string]int64{"small": 12, "big": 4}},
		"the same above 1": {
			recipe: "parts:\n- {name: small, epochs: 1.5, max_epochs: 1}\n- {name: big, epochs: 1}\n",
			err:    "part small needs 36 rows"},
		"nanotron: relative weights that do not add up to 1": {
			recipe: "total: 2000\nparts:\n- {name: mid, weight: 0.33}\n- {name: big, weight: 0.77}\n",
			want:   map[string]int64{"mid": 600, "big": 1400}},
		"nanotron by tokens": {
			recipe: "unit: tokens\ntotal: 30_000\nparts:\n- {name: mid, weight: 1}\n- {name: long, weight: 2}\n",
			unit:   datamix.Tokens, want: map[string]int64{"mid": 10_000, "long": 20_000}, off: 200},
		"SmolLM3: 40 weights whose sum is 1.00565, the largest that they allow": {
			recipe: "total: largest\nparts:\n- {name: small, weight: 0.00565}\n- {name: big, weight: 0.5}\n- {name: mid, weight: 0.5}\n",
			want:   map[string]int64{"small": 14, "big": 1200, "mid": 1200}},
		"OLMo-core: target_ratio with max_repetition_ratio and max_source_fraction": {
			recipe: "unit: tokens\ntotal: 12_000\nparts:\n- {name: mid, share: 0.75, max_epochs: 4, max_fraction: 0.5}\n- {name: big, share: 0.25}\n",
			unit:   datamix.Tokens, want: map[string]int64{"mid": 9000, "big": 3000}, off: 20},
		"the same beyond them": {
			recipe: "unit: tokens\ntotal: 80_000\nparts:\n- {name: mid, share: 0.75, max_epochs: 4, max_fraction: 0.5}\n- {name: big, share: 0.25}\n",
			err:    "part mid needs 60,000 tokens of a total of 80,000, but has 5,"},
		"OLMo-core: target ratios that do not add up to 1": {
			recipe: "total: 100\nparts:\n- {name: mid, share: 0.7}\n- {name: big, share: 0.25}\n",
			err:    "the shares add up to 95 %; give what is left to a part with a weight or rest: true"},
		"OLMo, DCLM: a source that is listed four times": {
			recipe: "parts:\n- {name: small, epochs: 4}\n- {name: mid, all: true}\n",
			want:   map[string]int64{"small": 96, "mid": 1200}},
		"DCLM: a keep probability": {
			recipe: "parts:\n- {name: big, epochs: 0.85}\n- {name: mid, epochs: 0.0}\n",
			want:   map[string]int64{"big": 3400, "mid": 0}},
		"Llama 3 SFT: shares by samples": {
			recipe: "total: largest\nparts:\n- {name: big, share: 52.66%}\n- {name: mid, share: 14.89%}\n- {name: long, rest: true}\n",
			want:   map[string]int64{"big": 488, "mid": 138, "long": 300}},
		"Llama 3: shares by tokens": {
			recipe: "unit: tokens\ntotal: 20_000\nparts:\n- {name: big, share: 50%}\n- {name: long, share: 25%}\n- {name: mid, share: 25%}\n",
			unit:   datamix.Tokens, want: map[string]int64{"big": 10_000, "long": 5000, "mid": 5000}, off: 200},
		"the same numbers by samples are another mix": {
			recipe: "total: 1000\nparts:\n- {name: big, share: 50%}\n- {name: long, share: 25%}\n- {name: mid, share: 25%}\n",
			want:   map[string]int64{"big": 500, "long": 250, "mid": 250}},
		"Hermes 3: shares by tokens of the answers": {
			recipe: "unit: trainable_tokens\ntotal: 8_000\nparts:\n- {name: big, share: 60%}\n- {name: long, share: 40%}\n",
			unit:   datamix.TrainableTokens, want: map[string]int64{"big": 4800, "long": 3200}, off: 100},
		"Tulu 3: hard-coded rows ten times": {
			recipe: "parts:\n- {name: small, epochs: 10}\n- {name: big, rows: 4000}\n",
			want:   map[string]int64{"small": 240, "big": 4000}},
		"mT5: temperature": {
			recipe: "total: 500\nweights: {temperature: 2}\nmax_epochs: 100\nparts:\n- {name: big}\n- {name: mid}\n- {name: small}\n",
			want:   map[string]int64{"big": 308, "mid": 168, "small": 24}},
		"UniMax": {
			recipe: "total: 1000\nweights: {unimax: 2}\nparts:\n- {name: big}\n- {name: mid}\n- {name: small}\n",
			want:   map[string]int64{"big": 476, "mid": 476, "small": 48}},
		"Mosaic: proportion, of what repeat and choose leave": {
			recipe: "total: 2000\nparts:\n- {name: small, epochs: 2}\n- {name: mid, rows: 152}\n- {name: big, weight: 0.9}\n- {name: long, weight: 0.1}\n",
			want:   map[string]int64{"small": 48, "mid": 152, "big": 1620, "long": 180}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := mix.Parse([]byte(test.recipe), "r.yaml")
			if err != nil && test.err != "" {
				assert.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			for i := range r.Parts {
				p := &r.Parts[i]
				p.Source = map[string]*generated{"small": sized("small", 24, 10), "mid": sized("mid", 1200, 10), "big": sized("big", 4000, 10), "long": sized("long", 300, 100)}[p.Name]
			}
			if test.err != "" {
				assert.ErrorContains(t, planError(t, *r), test.err)
				return
			}
			p := planOf(t, *r)
			for _, x := range p.Parts {
				if test.unit == "" {
					assert.Equal(t, test.want[x.Name], x.Rows, x.Name)
				} else {
					assert.InDelta(t, test.want[x.Name], x.Size, float64(test.off), x.Name)
				}
			}
		})
	}
}
