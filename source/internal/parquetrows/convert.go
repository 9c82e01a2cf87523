package parquetrows

import (
	"encoding/base64"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"time"
	"unsafe"

	sonicutf8 "github.com/bytedance/sonic/utf8"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/datamix-go/datamix/internal/input"
	"github.com/datamix-go/datamix/internal/jsonx"
)

// convert appends a value that is not null to dst, as JSON. An error is one of
// the row.
type convert func(dst []byte, v *parquet.Value) ([]byte, error)

// conversion returns how values of the leaf c become JSON, and whether they are
// strings.
func conversion(c *parquet.Column, e *format.SchemaElement) (convert, bool, error) {
	if f, text := logical(c, e); f != nil {
		return f, text, nil
	}
	switch kind := c.Type().Kind(); kind {
	case parquet.Boolean:
		return func(dst []byte, v *parquet.Value) ([]byte, error) { return strconv.AppendBool(dst, v.Boolean()), nil }, false, nil
	case parquet.Int32, parquet.Int64:
		return integer(kind, true), false, nil
	case parquet.Int96:
		return int96, false, nil
	case parquet.Float:
		return func(dst []byte, v *parquet.Value) ([]byte, error) { return appendFloat(dst, float64(v.Float()), 32) }, false, nil
	case parquet.Double:
		return func(dst []byte, v *parquet.Value) ([]byte, error) { return appendFloat(dst, v.Double(), 64) }, false, nil
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return binaryValue, false, nil
	}
	return nil, false, fmt.Errorf("unknown type %s", c.Type())
}

// logical returns the conversion that a leaf's logical type asks for, nil where
// there is none.
func logical(c *parquet.Column, e *format.SchemaElement) (f convert, text bool) {
	if _, half := e.LogicalType.Value.(*format.Float16Type); half {
		return float16, false
	}
	t := c.Type().LogicalType()
	if t == nil {
		return nil, false
	}
	kind := c.Type().Kind()
	bytes := kind == parquet.ByteArray || kind == parquet.FixedLenByteArray
	switch l := t.Value.(type) {
	case *format.StringType, *format.EnumType:
		if bytes {
			return stringValue, true
		}
	case *format.JsonType:
		if bytes {
			return jsonValue, false
		}
	case *format.IntType:
		return integer(kind, l.IsSigned), false
	case *format.DecimalType:
		return decimal(kind, int(l.Scale)), false
	case *format.DateType:
		return func(dst []byte, v *parquet.Value) ([]byte, error) {
			return appendTime(dst, time.Unix(int64(v.Int32())*86400, 0), time.DateOnly), nil
		}, false
	case *format.TimeType:
		return timeOfDay(kind, unitOf(l.Unit)), false
	case *format.TimestampType:
		return timestamp(unitOf(l.Unit), l.IsAdjustedToUTC), false
	case *format.UUIDType:
		return uuid, false
	case *format.NullType:
		return func(dst []byte, _ *parquet.Value) ([]byte, error) { return append(dst, "null"...), nil }, false
	}
	return nil, false
}

// textOf returns the bytes of a string, which alias the page, as a string.
func textOf(v *parquet.Value) (string, error) {
	b := v.ByteArray()
	if !sonicutf8.Validate(b) {
		i := input.FirstInvalid(b)
		return "", fmt.Errorf("a string that is not UTF-8: byte 0x%02x at %d", b[i], i)
	}
	return unsafe.String(unsafe.SliceData(b), len(b)), nil
}

func stringValue(dst []byte, v *parquet.Value) ([]byte, error) {
	s, err := textOf(v)
	if err != nil {
		return dst, err
	}
	return jsonx.AppendString(dst, s), nil
}

func jsonValue(dst []byte, v *parquet.Value) ([]byte, error) {
	b := v.ByteArray()
	if err := jsonx.Valid(b); err != nil {
		return dst, fmt.Errorf("a JSON column holds something else: %w", err)
	}
	return jsonx.AppendCompact(dst, b), nil
}

// binaryValue is for bytes of which the schema says nothing.
func binaryValue(dst []byte, v *parquet.Value) ([]byte, error) {
	b := v.ByteArray()
	if sonicutf8.Validate(b) {
		return stringValue(dst, v)
	}
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, b)
	return append(dst, '"'), nil
}

func integer(kind parquet.Kind, signed bool) convert {
	switch {
	case kind == parquet.Int32 && signed:
		return func(dst []byte, v *parquet.Value) ([]byte, error) {
			return strconv.AppendInt(dst, int64(v.Int32()), 10), nil
		}
	case kind == parquet.Int32:
		return func(dst []byte, v *parquet.Value) ([]byte, error) {
			return strconv.AppendUint(dst, uint64(v.Uint32()), 10), nil
		}
	case signed:
		return func(dst []byte, v *parquet.Value) ([]byte, error) { return strconv.AppendInt(dst, v.Int64(), 10), nil }
	}
	return func(dst []byte, v *parquet.Value) ([]byte, error) {
		return strconv.AppendUint(dst, v.Uint64(), 10), nil
	}
}

// appendFloat writes a whole number with ".0", so that a reader which goes by the
// values takes the column for one of floats too. NaN is null: pandas writes it
// for a value that is missing.
func appendFloat(dst []byte, f float64, bits int) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...), nil
	}
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.AppendFloat(dst, f, 'e', -1, bits), nil
	}
	dst = strconv.AppendFloat(dst, f, 'f', -1, bits)
	if f == math.Trunc(f) {
		dst = append(dst, ".0"...)
	}
	return dst, nil
}

// float16 reads the IEEE 754 half precision format.
func float16(dst []byte, v *parquet.Value) ([]byte, error) {
	b := v.ByteArray()
	if len(b) != 2 {
		return dst, fmt.Errorf("a half-precision number of %d bytes", len(b))
	}
	h := uint16(b[0]) | uint16(b[1])<<8
	exponent, fraction := int(h>>10&31), float64(h&1023)
	var f float64
	switch exponent {
	case 0:
		f = math.Ldexp(fraction, -24)
	case 31:
		f = math.Inf(1)
		if fraction != 0 {
			f = math.NaN()
		}
	default:
		f = math.Ldexp(1024+fraction, exponent-25)
	}
	if h>>15 != 0 {
		f = -f
	}
	return appendFloat(dst, f, 32)
}

// decimal appends the unscaled integer with the point where scale says.
func decimal(kind parquet.Kind, scale int) convert {
	unscaled := func(v *parquet.Value) string {
		switch kind {
		case parquet.Int32:
			return strconv.FormatInt(int64(v.Int32()), 10)
		case parquet.Int64:
			return strconv.FormatInt(v.Int64(), 10)
		}
		b := v.ByteArray() // two's complement, the highest byte first
		n := new(big.Int).SetBytes(b)
		if len(b) > 0 && b[0]&0x80 != 0 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
		}
		return n.String()
	}
	return func(dst []byte, v *parquet.Value) ([]byte, error) {
		digits := unscaled(v)
		if digits[0] == '-' {
			dst, digits = append(dst, '-'), digits[1:]
		}
		if scale <= 0 {
			dst = append(dst, digits...)
			for range -scale {
				dst = append(dst, '0')
			}
			return dst, nil
		}
		point := len(digits) - scale
		if point <= 0 {
			dst = append(dst, '0', '.')
			for range -point {
				dst = append(dst, '0')
			}
			return append(dst, digits...), nil
		}
		return append(append(append(dst, digits[:point]...), '.'), digits[point:]...), nil
	}
}
