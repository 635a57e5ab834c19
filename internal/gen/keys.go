package gen

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"brrtload/internal/diag"
	"brrtload/scenarios"
)

// scenarioKeys are the tables of all keys of a scenario.
func scenarioKeys(comments map[string]string) ([]string, error) {
	g := &generator{comments: comments}
	var b strings.Builder
	table(&b, g, "", reflect.TypeFor[scenarios.Scenario](), map[reflect.Type]bool{})
	return []string{b.String()}, errors.Join(g.failed...)
}

// table writes the keys of a type, and then those of the types that they are made of.
func table(b *strings.Builder, g *generator, path string, of reflect.Type, seen map[reflect.Type]bool) {
	seen[of] = true
	title := "of the scenario"
	if path != "" {
		title = "of `" + path + "`"
	}
	fmt.Fprintf(b, "\n### Keys %s\n\n| key | what it says |\n|---|---|\n", title)
	if path == "" {
		fmt.Fprintf(b, "| `include` | files beside the scenario, one or a list; see above |\n")
	}
	fields := diag.Fields(of)
	for _, f := range fields {
		if f.IsPosition() {
			continue
		}
		name := "`" + f.Name + "`"
		if f.Required {
			name = "**" + name + "**"
		}
		fmt.Fprintf(b, "| %s | %s |\n", name, strings.ReplaceAll(g.comment(f), "|", `\|`))
	}
	for _, f := range fields {
		inner, suffix := f.Type, ""
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice || inner.Kind() == reflect.Map {
			if inner.Kind() == reflect.Slice {
				suffix = "[]"
			} else if inner.Kind() == reflect.Map {
				suffix = ".NAME"
			}
			inner = inner.Elem()
		}
		_, special := forms()[inner]
		if inner.Kind() == reflect.Struct && inner.PkgPath() == of.PkgPath() && !special && !seen[inner] && !f.IsPosition() {
			table(b, g, strings.TrimPrefix(path+"."+f.Name+suffix, "."), inner, seen)
		}
	}
}
