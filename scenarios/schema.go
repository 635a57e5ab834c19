package scenarios

import (
	_ "embed"
	"slices"
)

//go:embed scenario.schema.json
var schema []byte

// Schema returns the JSON Schema of scenario files. A test keeps it that of the types.
func Schema() []byte { return slices.Clone(schema) }
