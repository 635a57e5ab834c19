package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON writes the report as result.json: the whole of it, in the shape of [Schema]. JSON knows
// neither NaN nor infinities: an optional figure that is one is left out, any other becomes 0, and
// a note says that it happened. Characters that do not print are written as escapes, so that the
// file can be shown in a terminal.
func JSON(w io.Writer, r Report) error {
	r.Version = Version
	value := reflect.New(reflect.TypeFor[Report]()).Elem()
	if finite(value, reflect.ValueOf(r)) {
		value.FieldByName("Notes").Set(reflect.ValueOf(append(value.Interface().(Report).Notes,
			"Some figures were infinite or not numbers, which JSON cannot hold; they are left out, or 0, here.")))
	}
	text, err := json.MarshalIndent(value.Interface(), "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(escaped(text), '\n'))
	return err
}

// escaped writes the characters of a JSON text that do not print as escapes, and every second of
// several "#", which begin a command in some CI systems' logs. All of them are inside strings.
func escaped(text []byte) []byte {
	var out []byte
	for _, r := range string(text) {
		if r == '\n' || unicode.IsPrint(r) && (r != '#' || !bytes.HasSuffix(out, []byte("#"))) {
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			out = fmt.Appendf(out, `\u%04x`, unit)
		}
	}
	return out
}

// finite copies from into to, without the figures that are not finite, and reports whether there
// were any. A nil slice becomes an empty one, so that a reader finds a list wherever the schema
// promises one.
func finite(to, from reflect.Value) (found bool) {
	if from.Type() == reflect.TypeFor[Values]() { // its NaN are null
		to.Set(from)
		return false
	}
	switch from.Kind() {
	case reflect.Struct:
		to.Set(from)
		for i := range from.NumField() {
			if from.Type().Field(i).IsExported() {
				found = finite(to.Field(i), from.Field(i)) || found
			}
		}
	case reflect.Slice:
		to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
		for i := range from.Len() {
			found = finite(to.Index(i), from.Index(i)) || found
		}
	case reflect.Pointer:
		if from.IsNil() {
			return false
		}
		copied := reflect.New(from.Type().Elem())
		found = finite(copied.Elem(), from.Elem())
		to.Set(copied)
		if found && from.Elem().Kind() == reflect.Float64 {
			to.SetZero()
		}
	case reflect.Float64:
		to.Set(from)
		if found = math.IsNaN(from.Float()) || math.IsInf(from.Float(), 0); found {
			to.SetZero()
		}
	default:
		to.Set(from)
	}
	return found
}
