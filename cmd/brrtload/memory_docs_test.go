package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/suite"
)

// The examples of the page are read as a run reads them, and keep to the schema.
func TestMemoryPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/memory.md")
	require.NoError(t, err)
	blocks := yamlBlock.FindAllStringSubmatch(string(page), -1)
	require.Len(t, blocks, 2)
	for _, block := range blocks {
		file := filepath.Join(t.TempDir(), block[1])
		require.NoError(t, os.WriteFile(file, []byte(block[2]), 0o644))
		s, err := suite.File(file).Load(suite.Changes{})
		require.NoError(t, err)
		require.NotNil(t, s.Scenario.Memory)
		require.NoError(t, accepts(t, compiled(t, "scenario"), []byte(block[2])))
	}
}
