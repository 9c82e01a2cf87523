package mix

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
		switch p := k.part; {
		case k.fixed:
			fixed = true
		case p.Share != nil:
			shares[i] = p.Share.rat()
			sum.Add(sum, shares[i])
		case p.Weight != nil:
			weights[i] = rat(*p.Weight)
		case p.Rest:
			weights[i] = rat(1)
		default:
			computed = append(computed, i)
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
		n.made = round(left.Quo(new(big.Rat).SetInt64(n.given), left))
	}
	return nil
}

// compute gives the kids without a quantity the weights that follow from their
// sizes.
func (n *node) compute(kids []int, weights []*big.Rat) error {
	if len(kids) == 0 {
		return nil
	}
	w := n.part.Weights
	sizes := make([]int64, len(kids))
	for at, i := range kids {
		sizes[at] = n.kids[i].available().In(n.inner)
	}
	if w.UniMax > 0 {
		for at, i := range kids {
			weights[i] = rat(float64(min(sizes[at], 1)))
		}
		return nil
	}
	computed, err := sample.TemperatureWeights(sizes, w.Temperature)
	if err != nil {
		return bad("%s: %v", n.name(), err)
	}
	for at, i := range kids {
		weights[i] = computed[at]
	}
	return nil
}
