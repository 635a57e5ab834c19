package ci

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/rhysd/actionlint"
	"github.com/stretchr/testify/require"

	"brrtload/internal/diag"
)

func lintWorkflow(t *testing.T, path string, text []byte) []*actionlint.Error {
	t.Helper()
	project, err := actionlint.NewProject("..")
	require.NoError(t, err)
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	require.NoError(t, err)
	found, err := linter.Lint(path, text, project)
	require.NoError(t, err)
	return found
}

func TestWorkflowsAreValid(t *testing.T) {
	paths, err := filepath.Glob("../.github/workflows/*.yml")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Empty(t, lintWorkflow(t, path, text), path)
	}
}

func TestTheLinterKnowsTheAction(t *testing.T) {
	text := []byte("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: ./ci/github\n        with: {scenarioo: smoke}\n")
	found := lintWorkflow(t, "../.github/workflows/x.yml", text)
	require.Len(t, found, 1)
	require.Contains(t, found[0].Message, "scenarioo")
}

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// examples returns the YAML blocks of the documentation that match a pattern.
func examples(t *testing.T, having string) [][]byte {
	t.Helper()
	var found [][]byte
	for _, page := range []string{"../docs/ci.md", "../docs/tutorial.md"} {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		before := len(found)
		for _, block := range yamlBlock.FindAllSubmatch(text, -1) {
			if regexp.MustCompile(having).Match(block[1]) {
				found = append(found, block[1])
			}
		}
		require.Greater(t, len(found), before, page)
	}
	return found
}

func TestWorkflowsOfTheDocumentationAreValid(t *testing.T) {
	for _, example := range examples(t, `(?m)^jobs:`) {
		require.Empty(t, lintWorkflow(t, "docs/example.yml", example))
	}
}

func TestPipelinesOfTheDocumentationUseTheTemplate(t *testing.T) {
	for _, example := range examples(t, `(?m)^include:`) {
		var p pipeline
		require.NoError(t, diag.Decode(&diag.Source{Name: "example", Text: example}, &p))
		require.Len(t, p.Include, 1)
		require.Regexp(t, `ci/gitlab/brrtload\.yml$`, p.Include[0].Local)
		require.Len(t, fill(t, p.Include[0].Inputs), 1)
	}
}
