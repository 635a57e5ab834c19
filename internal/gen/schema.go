package gen

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/invopop/jsonschema"

	"brrtload/internal/diag"
)

// generator makes schemas from the types, by the list of fields that the decoder itself uses.
type generator struct {
	failed   []error
	comments map[string]string
	defs     jsonschema.Definitions
}

func (g *generator) fail(format string, args ...any) {
	g.failed = append(g.failed, fmt.Errorf(format, args...))
}

// of returns the schema of a type; that of a struct is a reference.
func (g *generator) of(t reflect.Type) *jsonschema.Schema {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if form, ok := forms()[t]; ok {
		return form(g)
	}
	_, reads := reflect.New(t).Interface().(diag.Unmarshaler)
	_, fromText := reflect.New(t).Interface().(encoding.TextUnmarshaler)
	switch {
	case t == reflect.TypeFor[time.Duration]():
		s := typed("string", "number")
		s.Pattern = `^(-?([0-9]*\.?[0-9]+(ns|us|µs|ms|s|m|h))+|0)$|` + reference
		return s
	case fromText:
		return anyText()
	case t.Kind() == reflect.Struct:
		if reads && !byFields(t) {
			g.fail("%s reads itself: internal/gen/forms.go does not say how it is written; "+
				"add it to byFields if it is a mapping of its fields, to forms otherwise", t)
		}
		name := t.Name()
		if _, made := g.defs[name]; !made {
			g.defs[name] = nil // it may contain itself
			g.defs[name] = g.object(t)
		}
		return &jsonschema.Schema{Ref: "#/$defs/" + name}
	case reads:
		g.fail("%s reads itself: add to forms, in internal/gen/forms.go, how it is written", t)
		return &jsonschema.Schema{}
	}
	switch t.Kind() {
	case reflect.Slice:
		return listOf(g.of(t.Elem()))
	case reflect.Map:
		return &jsonschema.Schema{Type: "object", AdditionalProperties: g.of(t.Elem())}
	case reflect.Bool:
		return typed("boolean", "string")
	case reflect.Float64:
		return typed("number", "string")
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return typed("integer", "string")
	case reflect.String:
		return anyText()
	}
	g.fail("no schema for %s", t)
	return &jsonschema.Schema{}
}

func (g *generator) object(types ...reflect.Type) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema}
	for _, t := range types {
		for _, f := range diag.Fields(t) {
			if f.IsPosition() {
				continue
			}
			of := g.of(f.Type)
			if pattern, ok := addresses[f.Struct.Name()+"."+f.Go]; ok {
				of = &jsonschema.Schema{Type: "string", Pattern: pattern}
			}
			of.Description = g.comment(f)
			s.Properties.Set(f.Name, of)
			if f.Required {
				s.Required = append(s.Required, f.Name)
			}
		}
	}
	return s
}

// schemaOf makes the schema of a kind of file.
func schemaOf(k Kind, comments map[string]string) ([]byte, error) {
	g := &generator{comments: comments, defs: jsonschema.Definitions{}}
	s := g.object(k.Types...)
	s.Version, s.Title, s.Definitions = jsonschema.Version, k.Title, g.defs
	out, err := json.MarshalIndent(s, "", "  ")
	return append(out, '\n'), errors.Join(append(g.failed, err)...)
}
