package diag

import (
	"reflect"
	"strings"
)

// Field is a key of the mappings that are decoded into a struct.
type Field struct {
	Name     string
	Required bool
	Type     reflect.Type
	Index    []int // for reflect.Value.FieldByIndex
	Struct   reflect.Type
	Go       string // the name that the field has in Struct

	position bool // receives the place where the mapping begins; it is no key
}

// IsPosition reports that the field is no key: it receives the place where the mapping begins.
func (f Field) IsPosition() bool { return f.position }

// Fields lists what [Decode] reads into a struct, in the order of its fields.
func Fields(t reflect.Type) []Field {
	var fields []Field
	for i := range t.NumField() {
		of := t.Field(i)
		name, options, _ := strings.Cut(of.Tag.Get("yaml"), ",")
		switch {
		case name == "-" || (name == "" && options == ""):
		case options == "inline":
			for _, f := range Fields(of.Type) {
				f.Index = append([]int{i}, f.Index...)
				fields = append(fields, f)
			}
		default:
			fields = append(fields, Field{Name: name, Required: options == "required", Type: of.Type, Index: []int{i},
				Struct: t, Go: of.Name,
				position: options == "position"})
		}
	}
	return fields
}
