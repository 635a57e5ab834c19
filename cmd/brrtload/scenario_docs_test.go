package main

import (
	"os"
	"regexp"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/packs"
	"brrtload/scenarios"
)

var yamlBlock = regexp.MustCompile("(?s)```yaml\n# (\\S+)\n(.*?)```")

// TestDocsExampleIsAScenario reads the page's example as brrtload does.
func TestDocsExampleIsAScenario(t *testing.T) {
	page, err := os.ReadFile("../../docs/scenarios.md")
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
