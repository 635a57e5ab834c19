package reports

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/require"

	"brrtload/assertions"
)

var update = flag.Bool("update", false, "rewrite the files under testdata and the published schema")

// generated makes the schema from the Go types and their comments.
func generated(t *testing.T) []byte {
	t.Helper()
	reflector := jsonschema.Reflector{
		// A field more does not make a new version, so a reader must bear it.
		AllowAdditionalProperties: true,
		Mapper: func(t reflect.Type) *jsonschema.Schema {
			switch t {
			case reflect.TypeFor[assertions.Verdict]():
			case reflect.TypeFor[Values](): // null where there is no value
				return &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Type: "number"}, {Type: "null"}}}}
			default:
				return nil
			}
			names := &jsonschema.Schema{Type: "string"}
			for _, v := range assertions.Verdicts {
				names.Enum = append(names.Enum, v.String())
			}
			return names
		},
	}
	// the paths must read as import paths
	for _, dir := range []string{"reports", "assertions", "internal/facts", "internal/diag"} {
		t.Chdir("..")
		require.NoError(t, reflector.AddGoComments("brrtload", dir))
		t.Chdir("reports")
	}
	s := reflector.Reflect(&Report{})
	s.Title = "A brrtload result"
	text, err := json.MarshalIndent(s, "", "  ")
	require.NoError(t, err)
	return append(bytes.TrimSpace(text), '\n')
}

func TestSchemaIsThatOfTheTypes(t *testing.T) {
	want := generated(t)
	if *update {
		require.NoError(t, os.WriteFile("result.schema.json", want, 0o644))
		return
	}
	if diff := cmp.Diff(string(want), string(Schema())); diff != "" {
		t.Errorf("the published schema is not that of the types; run `go test ./reports -update` (-want +got):\n%s", diff)
	}
}
