package result

import (
	"reflect"
	"strings"
)

// Redacted returns a copy of a value in which no text has a secret: a report shows the target's
// command, and errors of many kinds.
func Redacted[T any](value T, clean *strings.Replacer) T {
	out := reflect.New(reflect.TypeFor[T]()).Elem()
	redact(out, reflect.ValueOf(value), clean)
	return out.Interface().(T)
}

func redact(to, from reflect.Value, clean *strings.Replacer) {
	switch from.Kind() {
	case reflect.String:
		to.SetString(clean.Replace(from.String()))
	case reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(from.Type().Elem()))
			redact(to.Elem(), from.Elem(), clean)
		}
	case reflect.Slice:
		if !from.IsNil() {
			to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
			for i := range from.Len() {
				redact(to.Index(i), from.Index(i), clean)
			}
		}
	case reflect.Map:
		if !from.IsNil() {
			to.Set(reflect.MakeMapWithSize(from.Type(), from.Len()))
			for entry := from.MapRange(); entry.Next(); {
				key, value := reflect.New(from.Type().Key()).Elem(), reflect.New(from.Type().Elem()).Elem()
				redact(key, entry.Key(), clean)
				redact(value, entry.Value(), clean)
				to.SetMapIndex(key, value)
			}
		}
	case reflect.Struct:
		to.Set(from) // with what is not exported, such as the parts of a time
		for i := range from.NumField() {
			if to.Field(i).CanSet() {
				redact(to.Field(i), from.Field(i), clean)
			}
		}
	default:
		to.Set(from)
	}
}
