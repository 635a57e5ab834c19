package main

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/packs"
	"brrtload/internal/diag"
	"brrtload/scenarios"
)

const (
	scenarioDocs = "../../docs/scenarios.md"
	keysBegin    = "<!-- made from the code: go test ./cmd/brrtload -run Docs -update -->\n"
)

// TestDocsListEveryKeyOfScenarios keeps the tables at the end of the page those of the types.
func TestDocsListEveryKeyOfScenarios(t *testing.T) {
	page, err := os.ReadFile(scenarioDocs)
	require.NoError(t, err)
	before, had, found := strings.Cut(string(page), keysBegin)
	require.True(t, found)
	g := &generator{t: t, comments: comments(t)}
	var b strings.Builder
	table(&b, g, "", reflect.TypeFor[scenarios.Scenario](), map[reflect.Type]bool{})
	if *update {
		require.NoError(t, os.WriteFile(scenarioDocs, []byte(before+keysBegin+b.String()), 0o644))
		return
	}
	require.Equal(t, b.String(), had, "run `go test ./cmd/brrtload -run Docs -update`")
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

var yamlBlock = regexp.MustCompile("(?s)```yaml\n# (\\S+)\n(.*?)```")

// TestDocsExampleIsAScenario reads the page's example as brrtload does.
func TestDocsExampleIsAScenario(t *testing.T) {
	page, err := os.ReadFile(scenarioDocs)
	require.NoError(t, err)
	blocks := yamlBlock.FindAllStringSubmatch(string(page), -1)
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		var own packs.Document
		o := scenarios.Settings{Environment: func(string) (string, bool) { return "a-token", true }, Sections: []any{&own}}
		s, err := o.Load(fstest.MapFS{block[1]: {Data: []byte(block[2])}}, block[1])
		require.NoError(t, err)
		require.NotEmpty(t, s.Requests)
		require.NotEmpty(t, own.Budgets)
		require.NoError(t, accepts(t, compiled(t, "scenario"), []byte(block[2])))
	}
}
