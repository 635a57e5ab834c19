package packs

import (
	_ "embed"
	"slices"
)

var (
	//go:embed assertions.schema.json
	schema []byte
	//go:embed contract.schema.json
	contractSchema []byte
)

// Schema returns the JSON Schema of assertions files. A test keeps it that of the types.
func Schema() []byte { return slices.Clone(schema) }

// ContractSchema returns the JSON Schema of contract files. A test keeps it that of the types.
func ContractSchema() []byte { return slices.Clone(contractSchema) }
