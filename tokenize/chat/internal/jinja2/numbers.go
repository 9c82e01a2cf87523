package jinja2

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strings"

	"github.com/ardanlabs/jinja"
)

// integer returns v as an index: ints and bools.
func integer(v Value) (int64, bool) {
	switch {
	case v.IsInt():
		return v.AsInt(), true
	case v.IsBool() && v.AsBool():
		return 1, true
	case v.IsBool():
		return 0, true
	}
	return 0, false
}

func float(v Value) (float64, bool) {
	if v.IsFloat() {
		return v.AsFloat(), true
	}
	n, ok := integer(v)
	return float64(n), ok
}

func multiply(s *state, a []Value, _ map[string]Value) (Value, error) {
	x, y := a[0], a[1]
	if y.IsString() || y.IsList() {
		x, y = y, x
	}
	n, ok := integer(y)
	if ok && (x.IsString() || x.IsList()) {
		size := len(x.String())
		if x.IsString() {
			size = len(x.AsString())
		}
		n = max(n, 0)
		if size > 0 && n > int64(maxText/size) {
			return x, errTooMuch
		}
		if err := s.spend(size * int(n)); err != nil {
			return x, err
		}
		if x.IsString() {
			return jinja.NewString(strings.Repeat(x.AsString(), int(n))), nil
		}
		var out []Value
		for range n {
			out = append(out, x.AsList().Items...)
		}
		return likeTuple(x, out), nil
	}
	return arithmetic("*", a[0], a[1])
}

var errOverflow = errors.New("an integer has more than 64 bits, which is not supported")

// arithmetic calculates with numbers.
func arithmetic(op string, x, y Value) (Value, error) {
	for _, v := range []Value{x, y} {
		if v.IsUndefined() {
			return v, undefinedError("an operand of " + op)
		}
	}
	m, okM := integer(x)
	n, okN := integer(y)
	if okM && okN && op != "/" {
		return integers(op, m, n)
	}
	f, okF := float(x)
	g, okG := float(y)
	if !okF || !okG {
		return x, fmt.Errorf("unsupported operand type(s) for %s: '%s' and '%s'", op, typeName(x), typeName(y))
	}
	if g == 0 && (op == "/" || op == "//" || op == "%") {
		return x, errors.New("division by zero")
	}
	switch op {
	case "+":
		f += g
	case "-":
		f -= g
	case "*":
		f *= g
	case "/":
		f /= g
	case "//":
		f = math.Floor(f / g)
	case "%":
		f = math.Mod(f, g)
		if f != 0 && (f < 0) != (g < 0) {
			f += g
		}
	case "**":
		f = math.Pow(f, g)
	}
	return jinja.NewFloat(f), nil
}

func integers(op string, m, n int64) (Value, error) {
	var r int64
	over := false
	switch op {
	case "+":
		r = m + n
		over = (r > m) != (n > 0) && n != 0
	case "-":
		r = m - n
		over = (r < m) != (n > 0) && n != 0
	case "*":
		hi, lo := bits.Mul64(magnitude(m), magnitude(n))
		r, over = m*n, hi != 0 || lo > math.MaxInt64
	case "//", "%":
		if n == 0 {
			return jinja.Undefined(), errors.New("integer division or modulo by zero")
		}
		if n == -1 {
			return integers(map[string]string{"//": "*", "%": "%1"}[op], m, n)
		}
		q, rest := m/n, m%n
		if rest != 0 && (rest < 0) != (n < 0) {
			q, rest = q-1, rest+n
		}
		r = q
		if op == "%" {
			r = rest
		}
	case "%1":
		r = 0
	case "**":
		if n < 0 {
			return jinja.NewFloat(math.Pow(float64(m), float64(n))), nil
		}
		r = 1
		for range min(n, 64) {
			v, err := integers("*", r, m)
			if err != nil {
				return v, err
			}
			r = v.AsInt()
		}
		if n > 64 && (m > 1 || m < -1) {
			return jinja.Undefined(), errOverflow
		}
		if n > 64 && m == -1 && n%2 == 1 {
			r = -1
		}
	}
	if over {
		return jinja.Undefined(), errOverflow
	}
	return jinja.NewInt(r), nil
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}
