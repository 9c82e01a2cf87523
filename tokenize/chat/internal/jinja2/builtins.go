package jinja2

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ardanlabs/jinja"
)

// builtins are the functions that templates call by name.
var builtins map[string]function

func init() {
	builtins = map[string]function{
		"g_range": func(s *state, a []Value, _ map[string]Value) (Value, error) {
			bounds := [3]int64{0, 0, 1}
			if len(a) < 1 || len(a) > 3 {
				return jinja.Undefined(), fmt.Errorf("range expected 1 to 3 arguments, got %d", len(a))
			}
			for i, v := range a {
				n, ok := integer(v)
				if !ok {
					return v, fmt.Errorf("'%s' object cannot be interpreted as an integer", typeName(v))
				}
				if len(a) == 1 {
					i = 1
				}
				bounds[i] = n
			}
			from, to, step := bounds[0], bounds[1], bounds[2]
			if step == 0 {
				return jinja.Undefined(), errors.New("range() arg 3 must not be zero")
			}
			var items []Value
			for n := from; step > 0 && n < to || step < 0 && n > to; n += step {
				if len(items) == maxRange {
					return jinja.Undefined(), fmt.Errorf("Range too big. The sandbox blocks ranges larger than MAX_RANGE (%d).", maxRange) //nolint:staticcheck // jinja2's own words
				}
				items = append(items, jinja.NewInt(n))
				if step > 0 && n > to-step || step < 0 && n < to-step {
					break // the next one could overflow
				}
			}
			s.steps += len(items) >> 3
			return jinja.NewList(items), s.spend(16 * len(items))
		},
		"g_namespace": func(_ *state, a []Value, _ map[string]Value) (Value, error) {
			v, err := pairs(a)
			if err == nil {
				v.AsDict().Data[namespaceMark] = jinja.None()
			}
			return v, err
		},
		"g_dict":   func(_ *state, a []Value, _ map[string]Value) (Value, error) { return pairs(a) },
		"g_joiner": joiner,
		"g_cycler": cycler,
		"g_raise_exception": func(s *state, a []Value, _ map[string]Value) (Value, error) {
			if len(a) == 0 {
				return jinja.Undefined(), errors.New("raise_exception needs a message")
			}
			v, err := s.str(a[0])
			if err != nil {
				return v, err
			}
			return v, &Raised{v.AsString()}
		},
		"g_strftime_known": func(s *state, _ []Value, _ map[string]Value) (Value, error) {
			if s.t.options.Now.IsZero() {
				return jinja.Undefined(), nil
			}
			return jinja.NewBool(true), nil
		},
		"g_strftime_now": func(s *state, a []Value, _ map[string]Value) (Value, error) {
			if s.t.options.Now.IsZero() {
				return jinja.Undefined(), errors.New("the template asks for today's date (strftime_now), which would make counts depend on the day: give it a date by the option Now")
			}
			if len(a) != 1 || !a[0].IsString() {
				return jinja.Undefined(), errors.New("strftime_now takes a format")
			}
			text, err := strftime(s.t.options.Now, a[0].AsString())
			return jinja.NewString(text), err
		},
		"g_generation": func(*state, []Value, map[string]Value) (Value, error) {
			return jinja.Undefined(), errors.New("generation is a block")
		},
	}
}

// pairs makes a dictionary of another one, or none, and of names and values.
func pairs(a []Value) (Value, error) {
	v, d := Dict(len(a) / 2)
	switch {
	case a[0].IsDict():
		for _, k := range a[0].AsDict().Keys {
			d.Set(k, a[0].AsDict().Data[k])
		}
	case a[0].IsList():
		for _, p := range a[0].AsList().Items {
			if !p.IsList() || p.AsList().Len() != 2 || !p.AsList().Items[0].IsString() {
				return v, errors.New("dict takes pairs of a string and a value")
			}
			d.Set(p.AsList().Items[0].AsString(), p.AsList().Items[1])
		}
	case !a[0].IsNone():
		return v, fmt.Errorf("'%s' object is not iterable", typeName(a[0]))
	}
	for i := 1; i+1 < len(a); i += 2 {
		d.Set(a[i].AsString(), a[i+1])
	}
	return v, nil
}

func joiner(s *state, a []Value, keys map[string]Value) (Value, error) {
	sep, used := option(a, 0, keys, "sep", jinja.NewString(", ")), false
	return jinja.NewCallable("joiner", func([]Value, map[string]Value) (Value, error) {
		if !used {
			used = true
			return jinja.NewString(""), nil
		}
		return sep, nil
	}), nil
}

func cycler(_ *state, a []Value, _ map[string]Value) (Value, error) {
	if len(a) == 0 {
		return jinja.Undefined(), errors.New("at least one item has to be provided")
	}
	list, at := append([]Value(nil), a...), 0
	v, d := Dict(3)
	d.Data[namespaceMark] = jinja.None()
	d.Set("current", list[0])
	d.Set("next", jinja.NewCallable("next", func([]Value, map[string]Value) (Value, error) {
		now := list[at]
		at = (at + 1) % len(list)
		d.Set("current", list[at])
		return now, nil
	}))
	d.Set("reset", jinja.NewCallable("reset", func([]Value, map[string]Value) (Value, error) {
		at = 0
		d.Set("current", list[0])
		return jinja.None(), nil
	}))
	return v, nil
}

// strftime formats a time as Python does in the C locale.
func strftime(t time.Time, format string) (string, error) {
	layouts := map[byte]string{
		'Y': "2006", 'm': "01", 'd': "02", 'H': "15", 'M': "04", 'S': "05", 'B': "January", 'b': "Jan", 'h': "Jan",
		'A': "Monday", 'a': "Mon", 'p': "PM", 'I': "03", 'y': "06", 'j': "002", 'F': "2006-01-02", 'T': "15:04:05",
		'D': "01/02/06", 'R': "15:04", 'e': "_2", 'c': "Mon Jan _2 15:04:05 2006", 'x': "01/02/06", 'X': "15:04:05",
	}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		short := format[i] == '-' && i+1 < len(format)
		if short {
			i++
		}
		layout, ok := layouts[format[i]]
		switch {
		case ok && short:
			b.WriteString(strings.TrimLeft(t.Format(layout)[:len(t.Format(layout))-1], "0") + t.Format(layout)[len(t.Format(layout))-1:])
		case ok:
			b.WriteString(t.Format(layout))
		case format[i] == '%':
			b.WriteByte('%')
		case format[i] == 'w':
			b.WriteString(strconv.Itoa(int(t.Weekday())))
		case format[i] == 'Z' || format[i] == 'z': // the time has no zone
		case format[i] == 'f':
			fmt.Fprintf(&b, "%06d", t.Nanosecond()/1000)
		case format[i] == 's':
			b.WriteString(strconv.FormatInt(t.Unix(), 10))
		default:
			return "", fmt.Errorf("the date format %%%c is not supported", format[i])
		}
	}
	return b.String(), nil
}
