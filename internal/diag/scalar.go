package diag

import (
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

var durationType = reflect.TypeFor[time.Duration]()

func (n Node) intoScalar(v reflect.Value) error {
	if !n.IsScalar() || n.y.Tag == "!!null" {
		return n.Errorf("want %s, got a%s %s", want(v), vowel(n.kind()), n.kind())
	}
	text, bits := n.y.Value, 0
	if v.CanInt() || v.CanUint() || v.CanFloat() {
		bits = v.Type().Bits()
	}
	var err error
	switch {
	case v.Type() == durationType:
		var d time.Duration
		if d, err = time.ParseDuration(text); err == nil {
			v.SetInt(int64(d))
		}
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		var b bool
		if b, err = strconv.ParseBool(text); err == nil {
			v.SetBool(b)
		}
	case v.CanInt():
		var i int64
		if i, err = strconv.ParseInt(text, 0, bits); err == nil {
			v.SetInt(i)
		}
	case v.CanUint():
		var u uint64
		if u, err = strconv.ParseUint(text, 0, bits); err == nil {
			v.SetUint(u)
		}
	case v.CanFloat():
		var f float64
		if f, err = strconv.ParseFloat(text, bits); err == nil && (math.IsNaN(f) || math.IsInf(f, 0)) {
			err = strconv.ErrRange
		} else if err == nil {
			v.SetFloat(f)
		}
	default:
		panic("diag: no rule to decode into " + v.Type().String())
	}
	if err != nil {
		return n.Errorf("want %s, got %q", want(v), text)
	}
	return nil
}

func want(v reflect.Value) string {
	switch {
	case v.Type() == durationType:
		return `a duration like "1m30s"`
	case v.Kind() == reflect.String:
		return "text"
	case v.Kind() == reflect.Bool:
		return "true or false"
	case v.CanUint():
		return "a whole number, 0 or more"
	case v.CanInt():
		return "a whole number"
	default:
		return "a number"
	}
}

func vowel(word string) string {
	if strings.ContainsRune("aeiou", rune(word[0])) {
		return "n"
	}
	return ""
}
