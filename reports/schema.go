package reports

import (
	_ "embed"
)

//go:embed result.schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of result.json. It is generated from [Report] and
// its comments, by `make generate`. The caller owns the slice.
func Schema() []byte { return append([]byte(nil), schema...) }
