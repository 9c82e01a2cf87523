package parquetrows

import (
	"encoding/hex"
	"fmt"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// The layouts of RFC 3339, without trailing zeros in the fraction.
const (
	layoutUTC   = "2006-01-02T15:04:05.999999999Z"
	layoutLocal = "2006-01-02T15:04:05.999999999"
	layoutTime  = "15:04:05.999999999"
)

// unitOf returns the unit of a time type; old files that name none are in
// milliseconds.
func unitOf(u format.TimeUnit) time.Duration {
	switch u.Value.(type) {
	case *format.MicroSeconds:
		return time.Microsecond
	case *format.NanoSeconds:
		return time.Nanosecond
	}
	return time.Millisecond
}

func appendTime(dst []byte, t time.Time, layout string) []byte {
	dst = append(dst, '"')
	dst = t.UTC().AppendFormat(dst, layout)
	return append(dst, '"')
}

func timestamp(unit time.Duration, utc bool) convert {
	layout := layoutLocal
	if utc {
		layout = layoutUTC
	}
	perSecond := int64(time.Second / unit)
	return func(dst []byte, v *parquet.Value) ([]byte, error) {
		n := v.Int64()
		t := time.Unix(n/perSecond, n%perSecond*int64(unit)).UTC()
		if y := t.Year(); y < 0 || y > 9999 {
			return dst, fmt.Errorf("a timestamp that RFC 3339 cannot write: it is in the year %d", y)
		}
		return appendTime(dst, t, layout), nil
	}
}

func timeOfDay(kind parquet.Kind, unit time.Duration) convert {
	perSecond := int64(time.Second / unit)
	return func(dst []byte, v *parquet.Value) ([]byte, error) {
		n := v.Int64()
		if kind == parquet.Int32 {
			n = int64(v.Int32())
		}
		if n < 0 || n/perSecond > 86400 {
			return dst, fmt.Errorf("a time of day that is none: %d", n)
		}
		return appendTime(dst, time.Unix(n/perSecond, n%perSecond*int64(unit)), layoutTime), nil
	}
}

// int96 reads the old timestamp: nanoseconds of the day, then the Julian day.
// Nothing says whether it is in UTC.
func int96(dst []byte, v *parquet.Value) ([]byte, error) {
	const unixEpoch = 2440588 // as a Julian day
	n := v.Int96()
	nanos := int64(uint64(n[1])<<32 | uint64(n[0]))
	t := time.Unix((int64(n[2])-unixEpoch)*86400, 0).Add(time.Duration(nanos)).UTC()
	if y := t.Year(); y < 0 || y > 9999 {
		return dst, fmt.Errorf("a timestamp that RFC 3339 cannot write: it is in the year %d", y)
	}
	return appendTime(dst, t, layoutLocal), nil
}

func uuid(dst []byte, v *parquet.Value) ([]byte, error) {
	b := v.ByteArray()
	if len(b) != 16 {
		return dst, fmt.Errorf("a UUID of %d bytes", len(b))
	}
	dst = append(dst, '"')
	for i, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, part)
	}
	return append(dst, '"'), nil
}
