package gen

import (
	"strings"

	"github.com/invopop/jsonschema"

	"brrtload/internal/diag"
)

// common are the keys that every assertion has.
var common = map[string]string{
	"id":       "Names the assertion in reports; no two of a run have the same.",
	"severity": "fail, by default, or warn: a warning is reported and decides nothing.",
	"why":      "Whom it helps, in a sentence: reports show it beside what does not hold.",
}

// comment returns what the code says of a field.
func (g *generator) comment(f diag.Field) string {
	if f.Name == "include" {
		return "Files beside the scenario, one or a list: of mappings the keys of all are taken, of lists the items of all, and of anything else what the including file says."
	}
	if comment, ok := common[f.Name]; ok && strings.HasPrefix(f.Struct.PkgPath(), "brrtload/assertions") {
		return comment
	}
	comment := strings.Join(strings.Fields(g.comments[f.Struct.PkgPath()+"."+f.Struct.Name()+"."+f.Go]), " ")
	if comment == "" {
		g.fail("%s.%s has no comment: it is what an editor shows of %q", f.Struct, f.Go, f.Name)
	}
	return comment
}

// commented are the directories whose comments are shown.
var commented = []string{"scenarios", "assertions", "internal/facts", "internal/quantity", "internal/diag", "internal/overhead", "reports"}

// comments returns what the code says of every type and field.
func comments() (map[string]string, error) {
	var r jsonschema.Reflector
	for _, dir := range commented {
		if err := r.AddGoComments("brrtload", dir); err != nil {
			return nil, err
		}
	}
	return r.CommentMap, nil
}
