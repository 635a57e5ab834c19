package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	validator "github.com/santhosh-tekuri/jsonschema/v6"

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

// TestDocumentsHaveEveryKey sees to it that what the tests above try is all that there is.
func TestDocumentsHaveEveryKey(t *testing.T) {
	used := map[string]bool{}
	var gather func(y *yaml.Node)
	gather = func(y *yaml.Node) {
		for i, child := range y.Content {
			if y.Kind == yaml.MappingNode && i%2 == 0 {
				used[child.Value] = true
			}
			gather(child)
		}
	}
	for file := range documents(t) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var doc yaml.Node
		require.NoError(t, yaml.Unmarshal(text, &doc))
		gather(&doc)
	}
	for _, p := range gen.Kinds {
		for _, key := range gen.Keys(p.Types...) {
			require.True(t, used[key], "no document has the key %q: add it to testdata/every-key", key)
		}
	}
}
