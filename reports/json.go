package reports

import (
	"encoding/json"
	"io"
	"math"
	"reflect"
)

// JSON writes the report as result.json: the whole of it, in the shape of [Schema]. JSON knows neither NaN nor infinities: an
// optional figure that is one is left out, any other becomes 0, and a note says that it happened.
func JSON(w io.Writer, r Report) error {
	r.Version = Version
	value := reflect.New(reflect.TypeFor[Report]()).Elem()
	if finite(value, reflect.ValueOf(r)) {
		value.FieldByName("Notes").Set(reflect.ValueOf(append(value.Interface().(Report).Notes,
			"Some figures were infinite or not numbers, which JSON cannot hold; they are left out, or 0, here.")))
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value.Interface())
}

// finite copies from into to, without the figures that are not finite, and tells whether there were any. A nil slice
// becomes an empty one, so that a reader finds a list wherever the schema promises one.
func finite(to, from reflect.Value) (found bool) {
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
		if found = finite(copied.Elem(), from.Elem()); !found || from.Elem().Kind() != reflect.Float64 {
			to.Set(copied)
		}
	case reflect.Float64:
		if math.IsNaN(from.Float()) || math.IsInf(from.Float(), 0) {
			return true
		}
		to.Set(from)
	default:
		to.Set(from)
	}
	return found
}
