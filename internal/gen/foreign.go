package gen

import (
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"
)

// foreign is the schema of a type of Prometheus's, by its YAML tags.
func (g *generator) foreign(t reflect.Type) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema}
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		of := t.Field(i).Type
		for of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		switch {
		case options == "inline" && of.Kind() == reflect.Map: // any name, each with the same form
			s.AdditionalProperties = g.foreign(of.Elem())
		case options == "inline":
			for pair := g.foreign(of).Properties.Oldest(); pair != nil; pair = pair.Next() {
				s.Properties.Set(pair.Key, pair.Value)
			}
		case name == "" || name == "-":
		case of.Kind() == reflect.Struct && strings.HasSuffix(of.PkgPath(), "prometheus/common/config") && hasTags(of):
			s.Properties.Set(name, g.foreign(of))
		default:
			s.Properties.Set(name, &jsonschema.Schema{})
		}
	}
	return s
}

func hasTags(t reflect.Type) bool {
	for i := range t.NumField() {
		if name, options, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name != "" && name != "-" || options == "inline" {
			return true
		}
	}
	return false
}
