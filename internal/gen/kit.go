package gen

import (
	"github.com/invopop/jsonschema"
)

// reference is a value that comes from the environment, where it is not a text anyway.
const reference = `\$\{`

func anyText() *jsonschema.Schema { return typed("string", "number", "boolean") }

func typed(types ...string) *jsonschema.Schema {
	s := &jsonschema.Schema{Extras: map[string]any{"type": types}}
	if types[0] != "string" {
		s.Pattern = reference
	}
	return s
}

func listOf(items *jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "array", Items: items}
}

func either(forms ...*jsonschema.Schema) *jsonschema.Schema { return &jsonschema.Schema{AnyOf: forms} }

func words(all ...any) form {
	return func(*generator) *jsonschema.Schema { return &jsonschema.Schema{Enum: all} }
}
