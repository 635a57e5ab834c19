package packs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/packs"
)

var (
	example = regexp.MustCompile("(?s)```yaml\n(.*?)```")
	named   = regexp.MustCompile(`^# (\S+\.ya?ml)\n`)
)

// TestEveryExampleOfTheDocsLoads reads the YAML examples of each page. One that begins with a
// comment of a file name is that file.
func TestEveryExampleOfTheDocsLoads(t *testing.T) {
	pages, err := filepath.Glob("../../docs/assertions/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	for _, page := range pages {
		t.Run(filepath.Base(page), func(t *testing.T) {
			text, err := os.ReadFile(page)
			require.NoError(t, err)
			beside, examples := stage.Files{}, []string{}
			for _, found := range example.FindAllStringSubmatch(string(text), -1) {
				if name := named.FindStringSubmatch(found[1]); name != nil {
					beside[name[1]] = found[1]
				} else {
					examples = append(examples, found[1])
				}
			}
			require.NotEmpty(t, examples, "a page without an example")
			for _, written := range examples {
				beside["a.yaml"] = written
				list, err := packs.Load(beside.FS(), "a.yaml")
				require.NoError(t, err)
				require.NotEmpty(t, list)
				for _, a := range list {
					about := a.About()
					require.True(t, strings.Contains(string(text), about.ID) || about.Kind == "rules" || about.Kind == "contract")
				}
			}
		})
	}
}
