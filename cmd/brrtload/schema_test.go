package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"brrtload/internal/diag"
	"brrtload/internal/gen"
)

// compiled returns a schema that documents can be held against.
func compiled(t *testing.T, name string) *validator.Schema {
	t.Helper()
	for _, s := range schemas {
		if s.name == name {
			doc, err := validator.UnmarshalJSON(bytes.NewReader(s.text()))
			require.NoError(t, err)
			c := validator.NewCompiler()
			at := "mem:///" + name // a bare name is taken for a file here, whose path may have blanks
			require.NoError(t, c.AddResource(at, doc))
			schema, err := c.Compile(at)
			require.NoError(t, err)
			return schema
		}
	}
	require.Fail(t, "no schema "+name)
	return nil
}

// accepts reports whether a schema accepts a YAML text, as an editor would have it.
func accepts(t *testing.T, schema *validator.Schema, text []byte) error {
	t.Helper()
	var value any
	require.NoError(t, yaml.Unmarshal(text, &value))
	asJSON, err := json.Marshal(value)
	require.NoError(t, err)
	doc, err := validator.UnmarshalJSON(bytes.NewReader(asJSON))
	require.NoError(t, err)
	return schema.Validate(doc)
}

var modeline = regexp.MustCompile(`^# yaml-language-server: \$schema=(\S+)\n`)

// documents are the YAML files that are shipped, and some that have the keys which those do not,
// with the kind of each.
func documents(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for dir, kind := range map[string]string{"scenarios/*.yaml": "scenario", "assertions/packs/*.yaml": "assertions", "assertions/packs/contracts/*.yaml": "contract"} {
		files, err := filepath.Glob(filepath.Join("../..", dir))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			all[file] = kind
		}
	}
	all["testdata/every-key/scenario.yaml"] = "scenario"
	all["testdata/every-key/command.yaml"] = "scenario"
	all["testdata/every-key/assertions.yaml"] = "assertions"
	all["testdata/every-key/contract.yaml"] = "contract"
	all["testdata/every-key/arms.yaml"] = "arms"
	return all
}

func TestShippedFilesNameTheirSchemaAndKeepToIt(t *testing.T) {
	for file, kind := range documents(t) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		m := modeline.FindSubmatch(text)
		require.NotNil(t, m, "%s does not begin with # yaml-language-server: $schema=", file)
		named, err := os.ReadFile(filepath.Join(filepath.Dir(file), string(m[1])))
		require.NoError(t, err, file)
		for _, s := range schemas {
			if s.name == kind {
				require.Equal(t, string(s.text()), string(named), "%s names another schema", file)
			}
		}
		require.NoError(t, accepts(t, compiled(t, kind), text), file)
	}
}

// TestDocumentsHaveEveryKey sees to it that what the tests above try is all that there is. A key is
// looked for in its own place: "why" of a budget is not that of an identity.
func TestDocumentsHaveEveryKey(t *testing.T) {
	used := map[string]bool{}
	for file, kind := range documents(t) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var doc yaml.Node
		require.NoError(t, yaml.Unmarshal(text, &doc))
		for _, k := range gen.Kinds {
			if k.Name == kind {
				for _, of := range k.Types {
					keysUsed(of, doc.Content[0], used)
				}
			}
		}
	}
	for _, k := range gen.Kinds {
		for _, of := range k.Types {
			keys := keysOf(of, "", map[reflect.Type]bool{})
			for _, place := range slices.Sorted(maps.Keys(keys)) {
				if key := keys[place]; !used[key] {
					used[key] = true // said once
					t.Errorf("no document has the key %s: add it to a file in cmd/brrtload/testdata/every-key", place)
				}
			}
		}
	}
}

// keysOf lists the keys of a type and of all that it is made of: where each may stand, to the type
// and field that it is read into.
func keysOf(of reflect.Type, place string, seen map[reflect.Type]bool) map[string]string {
	all := map[string]string{}
	switch of.Kind() {
	case reflect.Pointer:
		return keysOf(of.Elem(), place, seen)
	case reflect.Slice:
		return keysOf(of.Elem(), place+"[]", seen)
	case reflect.Map:
		return keysOf(of.Elem(), place+".NAME", seen)
	case reflect.Struct:
		if seen[of] {
			return all
		}
		seen[of] = true
		for _, f := range diag.Fields(of) {
			if !f.IsPosition() {
				at := strings.TrimPrefix(place+"."+f.Name, ".")
				all[at] = f.Struct.String() + "." + f.Go
				maps.Copy(all, keysOf(f.Type, at, seen))
			}
		}
	}
	return all
}

// keysUsed notes which keys of a type a document has. What it says in a shorter form has none.
func keysUsed(of reflect.Type, y *yaml.Node, used map[string]bool) {
	switch of.Kind() {
	case reflect.Pointer:
		keysUsed(of.Elem(), y, used)
	case reflect.Slice:
		for _, item := range y.Content {
			keysUsed(of.Elem(), item, used)
		}
	case reflect.Map:
		for i := 1; i < len(y.Content); i += 2 {
			keysUsed(of.Elem(), y.Content[i], used)
		}
	case reflect.Struct:
		if y.Kind != yaml.MappingNode {
			return
		}
		for _, f := range diag.Fields(of) {
			for i := 0; i < len(y.Content); i += 2 {
				if y.Content[i].Value == f.Name {
					used[f.Struct.String()+"."+f.Go] = true
					keysUsed(f.Type, y.Content[i+1], used)
				}
			}
		}
	}
}
