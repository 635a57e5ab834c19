package gen

import (
	"encoding/json"
	"reflect"

	"github.com/invopop/jsonschema"

	"brrtload/assertions"
	"brrtload/reports"
)

// resultFile is the schema of result.json.
const resultFile = "reports/result.schema.json"

// resultSchema makes the schema of a run's result.
func resultSchema(comments map[string]string) ([]byte, error) {
	reflector := jsonschema.Reflector{
		// A field more does not make a new version, so a reader must bear it.
		AllowAdditionalProperties: true, CommentMap: comments,
		Mapper: func(t reflect.Type) *jsonschema.Schema {
			switch t {
			case reflect.TypeFor[assertions.Verdict]():
			case reflect.TypeFor[reports.Values](): // null where there is no value
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
	s := reflector.Reflect(&reports.Report{})
	s.Title = "A brrtload result"
	text, err := json.MarshalIndent(s, "", "  ")
	return append(text, '\n'), err
}
