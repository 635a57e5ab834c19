package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/gen"
)

// TestSchemasAndDocsAreGenerated compares what is made from the code with what is there.
func TestSchemasAndDocsAreGenerated(t *testing.T) {
	t.Chdir("../..")
	files, err := gen.Files()
	require.NoError(t, err)
	require.Greater(t, len(files), len(gen.Kinds)+1)
	for name, want := range files {
		is, err := os.ReadFile(name)
		require.NoError(t, err)
		if !bytes.Equal(want, is) {
			t.Errorf("%s is not that of the code; run `make generate`", name)
		}
	}
	for i, kind := range gen.Kinds {
		require.Equal(t, kind.Name, schemas[i].name)
		if !bytes.Equal(files[kind.File], schemas[i].text()) {
			t.Errorf("`brrtload schema %s` prints another schema than the code's; run `make generate`", kind.Name)
		}
	}
}
