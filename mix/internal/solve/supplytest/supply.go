// Package supplytest has supplies for tests of the solver, without any thought
// of speed.
package supplytest

import "github.com/datamix-go/datamix"

// Same is a supply of records that each hold the same.
type Same struct{ Records, Tokens int64 }

// Once is one pass.
func (s Same) Once() datamix.Tally {
	return datamix.Tally{Rows: s.Records, Tokens: s.Records * s.Tokens, Trainable: s.Records * s.Tokens}
}

// Size is the size of the first so many records.
func (s Same) Size(rows int64, u datamix.Unit) int64 {
	if u == datamix.Rows {
		return rows
	}
	return rows * s.Tokens
}

// Rows is the number of first records whose size is nearest to an amount.
func (s Same) Rows(amount int64, u datamix.Unit) int64 {
	if u == datamix.Rows || s.Records == 0 {
		return amount * min(1, s.Records)
	}
	return (2*amount + s.Tokens) / (2 * s.Tokens)
}

// List is a supply of records with sizes, the same in every pass.
type List struct{ Tokens, Trainable []int64 }

func (s *List) of(u datamix.Unit) []int64 {
	if u == datamix.TrainableTokens {
		return s.Trainable
	}
	return s.Tokens
}

// Once is one pass.
func (s *List) Once() datamix.Tally {
	t := datamix.Tally{Rows: int64(len(s.Tokens))}
	for i := range s.Tokens {
		t.Tokens += s.Tokens[i]
		t.Trainable += s.Trainable[i]
	}
	return t
}

// Size is the size of the first so many records.
func (s *List) Size(rows int64, u datamix.Unit) int64 {
	if u == datamix.Rows {
		return rows
	}
	n := int64(len(s.Tokens))
	sum := rows / n * s.Once().In(u)
	for i := range rows % n {
		sum += s.of(u)[i]
	}
	return sum
}

// Rows is the number of first records whose size is nearest to an amount.
func (s *List) Rows(amount int64, u datamix.Unit) int64 {
	if u == datamix.Rows {
		return amount
	}
	once := s.Once().In(u)
	if once == 0 {
		return 0
	}
	passes := max(0, amount/once-1) // whole ones, of which the last is looked at
	rows, have := passes*int64(len(s.Tokens)), passes*once
	for have < amount {
		next := have + s.of(u)[rows%int64(len(s.Tokens))]
		if next-amount > amount-have {
			break
		}
		rows, have = rows+1, next
	}
	return rows
}
