package published_test

import (
	"flag"
	"math"
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/datamix-go/datamix"
	"github.com/datamix-go/datamix/mix"
	"github.com/datamix-go/datamix/mix/published"
	"github.com/datamix-go/datamix/sample"
)

// Draw every mixture at its published number of rows, and token mixes at 100 M
// tokens, with the time and the peak of memory:
//
//	go test ./mix/published -run 'Published(Rows|Tokens)' -full -v -timeout 1h
var full = flag.Bool("full", false, "draw published mixtures at full size")

// quickRows is the size up to which mixtures are drawn whole in every run.
const quickRows = 250_000

func TestPublishedRowsAreDrawnExactly(t *testing.T) {
	for _, name := range published.Names() {
		m := recipe(t, name)
		if m.Unit != datamix.Rows || column(m, m.Measure).Is != published.Amount {
			continue
		}
		t.Run(name, func(t *testing.T) {
			drawn, _ := m.Numbers(m.Measure)
			want := make([]int64, len(drawn))
			var total int64
			for i, n := range drawn {
				want[i] = int64(n.Value)
				total += want[i]
			}
			whole := total
			o := &published.Options{SkipFilters: m.FilterNames()}
			if total > quickRows && !*full {
				// A small set in the same proportions, and the nearest whole numbers.
				weights := make([]*big.Rat, len(want))
				for i, n := range want {
					weights[i] = big.NewRat(n, total)
				}
				total = quickRows / 5
				o.Total = mix.Total(total)
				var err error
				want, err = sample.Apportion(total, scaled(weights, total))
				require.NoError(t, err)
			}
			o.Sources = pools(m, float64(total)/float64(whole))
			start := time.Now()
			r, err := m.Recipe(o)
			require.NoError(t, err)
			plan, found := draw(t, r)
			assert.Equal(t, total, plan.Total)
			for i := range m.Components {
				assert.Equal(t, want[i], found[m.Components[i].ID].Rows, m.Components[i].ID)
			}
			v, err := m.Verify(found, &published.VerifyOptions{Exact: o.Total == 0})
			require.NoError(t, err)
			require.NoError(t, v.Err())
			if o.Total == 0 {
				assert.Contains(t, v.Exact, m.Measure)
			}
			t.Logf("%s rows in %d components, %.1f s, %s", datamix.Thousands(total), len(found), time.Since(start).Seconds(), peak())
		})
	}
}

func scaled(shares []*big.Rat, total int64) []*big.Rat {
	for _, x := range shares {
		x.Mul(x, new(big.Rat).SetInt64(total))
	}
	return shares
}

func TestPublishedTokensAreDrawnWithinARecord(t *testing.T) {
	for _, name := range published.Names() {
		m := recipe(t, name)
		if m.Unit != datamix.Tokens {
			continue
		}
		switch column(m, m.Measure).Is {
		case published.Amount, published.Share, published.Weight:
		default:
			continue
		}
		t.Run(name, func(t *testing.T) {
			total := int64(20_000_000)
			if *full || name == "smollm-corpus" || name == "llama-3-pretraining" {
				total = 100_000_000
			}
			start := time.Now()
			numbers, _ := m.Numbers(m.Measure)
			sum := 0.0
			for _, n := range numbers {
				sum += n.Value
			}
			const mean = 600
			sources := map[string]datamix.Source{}
			for i := range m.Components {
				need := numbers[i].Value / sum * float64(total)
				sources[m.Components[i].ID] = generated{m.Components[i].ID, int64(1.2*need/mean) + 100, mean}
			}
			r, err := m.Recipe(&published.Options{Sources: sources, Total: mix.Total(total), SkipFilters: m.FilterNames()})
			require.NoError(t, err)
			_, found := draw(t, r)
			for i := range m.Components {
				target := numbers[i].Value / sum * float64(total)
				assert.InDelta(t, target, float64(found[m.Components[i].ID].Tokens), 4*mean/2+1, m.Components[i].ID)
			}
			v, err := m.Verify(found, nil)
			require.NoError(t, err)
			require.NoError(t, v.Err())
			t.Logf("%s tokens in %d components, %.1f s, %s", datamix.Thousands(total), len(found), time.Since(start).Seconds(), peak())
		})
	}
}

func recipe(t *testing.T, name string) *published.Mixture {
	t.Helper()
	m, err := published.Recipe(name)
	require.NoError(t, err)
	return m
}

func column(m *published.Mixture, name string) *published.Column {
	for i := range m.Columns {
		if m.Columns[i].Name == name {
			return &m.Columns[i]
		}
	}
	return nil
}

// peak is the most memory that the process has had so far.
func peak() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "peak memory not known here"
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmHWM:" {
			kib, _ := strconv.ParseFloat(f[1], 64)
			return "peak " + strconv.Itoa(int(math.Round(kib/1024))) + " MiB"
		}
	}
	return "peak memory not known here"
}
