package sample_test

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/sample"
)

func TestContradictoryOptionsAreErrors(t *testing.T) {
	err := func(_ datamix.Sampler, err error) error { return err }
	for want, got := range map[string]error{
		"uniform: it draws rows":          err(sample.Uniform(sample.Tokens(3), nil)),
		"uniform: First":                  err(sample.Uniform(sample.Rows(3), &sample.Options{First: true})),
		"uniform: the amount is negative": err(sample.Uniform(sample.Rows(-3), nil)),
		"use Repeat":                      err(sample.Uniform(sample.Fraction(1.5), nil)),
		"want a number from 0 up":         err(sample.Quota(sample.Fraction(math.NaN()), nil)),
		"uniform: one pass cannot":        err(sample.Uniform(sample.Fraction(0.5), &sample.Options{OnePass: true})),
		"uniform: unknown order":          err(sample.Uniform(sample.Rows(5), &sample.Options{Order: "up"})),
		"quota: First yields":             err(sample.Quota(sample.Rows(5), &sample.Options{First: true, Order: sample.RandomOrder})),
		"unknown unit \"bytes\"":          err(sample.Quota(sample.Absolute("bytes", 1), nil)),
		"unknown unit \"kB\"":             err(sample.Quota(sample.FractionOf("kB", big.NewRat(1, 2)), &sample.Options{First: true})),
		"stratified: First":               err(sample.Stratified("x", sample.Rows(3), &sample.Options{First: true})),
		"stratified: one pass":            err(sample.Stratified("x", sample.Rows(3), &sample.Options{OnePass: true})),
		"stratified: unknown order":       err(sample.Stratified("x", sample.Rows(3), &sample.Options{Order: "up"})),
		"stratified: the amount":          err(sample.Stratified("x", sample.Rows(-1), nil)),
		"label is empty":                  err(sample.Stratified("", sample.Rows(1), nil)),
		"function is nil":                 err(sample.StratifiedBy(nil, sample.Rows(1), nil)),
		"the fraction is missing":         err(sample.StratifiedBy(func(*datamix.Record) string { return "" }, sample.FractionOf("", nil), nil)),
		"take: the amount is negative":    err(sample.Take(-1)),
		"repeat: the number of passes":    err(sample.Repeat(0, nil)),
		"less than 2^31":                  err(sample.Repeat(1e10, nil)),
		"repeat: FirstInOrder":            err(sample.Repeat(2, &sample.RepeatOptions{FirstInOrder: true, Order: sample.SourceOrder})),
		"repeat: unknown order":           err(sample.Repeat(2, &sample.RepeatOptions{Order: "up"})),
		"repeat: datamix: unknown unit":   err(sample.Repeat(2, &sample.RepeatOptions{Unit: "up"})),
		"shuffle: the largest":            err(sample.Shuffle(&sample.ShuffleOptions{MaxRecords: -1})),
		"shuffle_buffer: the size":        err(sample.ShuffleBuffer(0, nil)),
		"shuffle_buffer: MaxRecords":      err(sample.ShuffleBuffer(1, &sample.ShuffleOptions{MaxRecords: 1})),
	} {
		assert.ErrorContains(t, got, want)
	}
	_, e := sample.NewReservoir(-1, 0)
	assert.ErrorContains(t, e, "negative")
}

func TestAmountJSON(t *testing.T) {
	for text, want := range map[string]sample.Amount{
		`{"unit":"rows","n":100}`:                    sample.Rows(100),
		`{"unit":"tokens","n":0}`:                    sample.Tokens(0),
		`{"unit":"rows","fraction":"1/10"}`:          sample.Fraction(0.1),
		`{"unit":"trainable_tokens","fraction":"1"}`: sample.FractionOf(datamix.TrainableTokens, big.NewRat(1, 1)),
	} {
		b, err := json.Marshal(want)
		require.NoError(t, err)
		assert.JSONEq(t, text, string(b))
		var got sample.Amount
		require.NoError(t, json.Unmarshal([]byte(text), &got))
		assert.Equal(t, want, got)
	}
	var got sample.Amount
	require.NoError(t, json.Unmarshal([]byte(`{"fraction": 0.25}`), &got))
	assert.Equal(t, "1/4 of the rows", got.String())
	require.NoError(t, json.Unmarshal([]byte(`{"fraction": "12.5%", "unit": "trainable_tokens"}`), &got))
	assert.Equal(t, "1/8 of the trainable tokens", got.String())
	assert.Equal(t, "0 rows", sample.Amount{}.String())
	for _, bad := range []string{`{}`, `{"n":1,"fraction":"1"}`, `{"n":-1}`, `{"fraction":"2"}`, `{"fraction":true}`, `{"n":1,"unit":"x"}`, `{"m":1}`, `[]`} {
		assert.Error(t, json.Unmarshal([]byte(bad), &got), bad)
	}
	_, err := json.Marshal(sample.Rows(-1))
	assert.Error(t, err)
}

func TestSpecsWithWrongOptionsAreErrors(t *testing.T) {
	var g datamix.Registry[datamix.Sampler]
	require.NoError(t, sample.Register(&g))
	require.Error(t, sample.Register(&g), "twice")
	for options, name := range map[string]string{
		`{}`: "uniform", `{"amount":{"n":1},"sead":1}`: "uniform", `{"amount":{"n":1},"label":"x"}`: "quota", `{"label":"x"}`: "stratified",
		`{"amount":{"n":1}}`: "stratified", `{"n":"x"}`: "take", `{"passes":2} {}`: "repeat", ``: "repeat",
	} {
		_, err := g.Build(datamix.Spec{Name: name, Version: 1, Options: json.RawMessage(options)})
		assert.ErrorContains(t, err, name, options)
	}
	_, err := g.Build(datamix.NewSpec("take", 2, nil))
	assert.ErrorContains(t, err, "version 2")
}
