package solve

import (
	"math/big"

	"github.com/datamix-go/datamix/sample"
)

// setRatio makes the ratio of a group's kids.
func (n *node) setRatio() error {
	shares, weights := make([]*big.Rat, len(n.kids)), make([]*big.Rat, len(n.kids))
	sum, fixed := new(big.Rat), false
	var computed []int
	for i, k := range n.kids {
		switch k.part.Kind {
		case Share:
			shares[i] = k.part.Number
			sum.Add(sum, shares[i])
		case Weight:
			weights[i] = k.part.Number
		case Computed:
			computed = append(computed, i)
		default:
			fixed = true
		}
	}
	if err := n.compute(computed, weights); err != nil {
		return err
	}
	var err error
	if n.ratio, err = newRatio(shares, weights); err != nil {
		return bad("%s: %v", n.name(), err)
	}
	left := new(big.Rat).Sub(big.NewRat(1, 1), sum)
	if n.natural = !n.ratio.weights && (fixed || sum.Sign() == 0); n.natural {
		n.made = Round(left.Quo(new(big.Rat).SetInt64(n.given), left))
	}
	return nil
}

// compute gives the kids without a quantity the weights that follow from their
// sizes.
func (n *node) compute(kids []int, weights []*big.Rat) error {
	if len(kids) == 0 {
		return nil
	}
	sizes := make([]int64, len(kids))
	for at, i := range kids {
		sizes[at] = n.kids[i].available().In(n.part.Unit)
	}
	computed, err := sample.TemperatureWeights(sizes, n.part.Temperature)
	if err != nil {
		return bad("%s: %v", n.name(), err)
	}
	for at, i := range kids {
		weights[i] = computed[at]
	}
	return nil
}
