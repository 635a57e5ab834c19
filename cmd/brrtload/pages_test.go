package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	ready "brrtload/internal/service"
	"brrtload/internal/validate"
	"brrtload/scenarios"
)

var (
	sample   = regexp.MustCompile("(?s)```text\n(.*?)```.*?```yaml\n# (\\S+)\n(.*?)```")
	question = regexp.MustCompile("(?m)^\\| [^|`]+ \\| `(.*)` \\|$")
)

// checked returns what `brrtload validate` says of a scenario, held against an exposition unless that is empty.
func checked(t *testing.T, name, scenario, exposition string) (warnings []string, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(scenario), 0o644))
	live := ""
	if exposition != "" {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; version=0.0.4")
			_, _ = io.WriteString(w, exposition)
		}))
		defer s.Close()
		live = s.URL + "/an/exposition"
	}
	_, found, err := validate.File(t.Context(), path, validate.Options{Against: live})
	for _, w := range found {
		warnings = append(warnings, w.Message)
	}
	return warnings, err
}

// Each recipe is a scenario of fifteen to thirty lines that reads only what the exposition above it has, and
// judges the three things that the page promises.
func TestRecipesFitWhatTheyShow(t *testing.T) {
	page, err := os.ReadFile("../../docs/recipes.md")
	require.NoError(t, err)
	recipes := sample.FindAllStringSubmatch(string(page), -1)
	require.Len(t, recipes, strings.Count(string(page), "```yaml"), "each scenario has an exposition above it")
	require.GreaterOrEqual(t, len(recipes), 10)
	for _, r := range recipes {
		exposition, name, scenario := r[1], r[2], r[3]
		t.Run(name, func(t *testing.T) {
			warnings, err := checked(t, name, scenario, exposition)
			require.NoError(t, err)
			require.Empty(t, warnings)
			lines := strings.Count(scenario, "\n")
			require.True(t, lines >= 15 && lines <= 30, "%d lines", lines)
			for _, part := range []string{"- id: answers", "- id: error-ratio", "- id: client-p99", "brrtload_latency_seconds{"} {
				require.Contains(t, scenario, part)
			}
			require.NotContains(t, scenario, "brrtload_latency_seconds_bucket")

			// The check above can fail: a misspelt metric is found.
			renamed := regexp.MustCompile(`(server: (?:>-\n)?(?:.*\n)*?.*increase\()(\w+)`).ReplaceAllString(scenario, "${1}${2}s")
			require.NotEqual(t, scenario, renamed)
			warnings, err = checked(t, name, renamed, exposition)
			require.True(t, err != nil || len(warnings) > 0, "a misspelt metric was not found")
		})
	}
}

// Each expression of the page's common questions is one that a budget may have, and so is its first
// example.
func TestSeriesPageAsksWhatCanBeAsked(t *testing.T) {
	text, err := os.ReadFile("../../docs/series.md")
	require.NoError(t, err)
	blocks := yamlBlock.FindAllStringSubmatch(string(text), -1)
	require.Len(t, blocks, 1)
	_, err = checked(t, blocks[0][1], blocks[0][2], "")
	require.NoError(t, err)

	questions := question.FindAllStringSubmatch(string(text), -1)
	require.Greater(t, len(questions), 8)
	scenario := "target: {url: \"http://127.0.0.1:9\"}\nstages: [{rate: 1, duration: 1m}]\nrequests: [{name: search, get: /}]\nbudgets:\n"
	for n, q := range questions {
		scenario += fmt.Sprintf("  - {id: q%d, must: \">= 0\", expr: '%s'}\n", n, q[1])
	}
	_, err = checked(t, "questions.yaml", scenario, "")
	require.NoError(t, err)
}

// The scenario of workers.md is one, and the page quotes what a run says of several processes.
func TestWorkersPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/workers.md")
	require.NoError(t, err)
	blocks := yamlBlock.FindAllStringSubmatch(string(page), -1)
	require.NotEmpty(t, blocks)
	for _, b := range blocks {
		warnings, err := checked(t, b[1], b[2], "")
		require.NoError(t, err)
		require.Empty(t, warnings)
	}
	code, err := os.ReadFile("../../assertions/several.go")
	require.NoError(t, err)
	said := regexp.MustCompile(`(?m)^const (?:SeveralProcesses|MayBeSeveral) = "(.*?)"`).FindAllStringSubmatch(string(code), -1)
	require.Len(t, said, 2)
	for _, sentence := range said {
		require.Contains(t, string(page), sentence[1])
	}
}

// The tables of keys give the defaults that the code has.
func TestDocsGiveTheDefaults(t *testing.T) {
	page, err := os.ReadFile("../../docs/scenarios.md")
	require.NoError(t, err)
	const least = "target: {url: \"http://127.0.0.1:9\"}\nstages: [{rate: 1, duration: 1m}]\nrequests: [{get: /}]\n"
	s, err := scenarios.Load(fstest.MapFS{"s.yaml": {Data: []byte(least)}}, "s.yaml")
	require.NoError(t, err)
	require.Equal(t, scenarios.FewestConnections, s.Connections)
	for key, says := range map[string]string{
		"connections":   fmt.Sprintf("from %d to %d", scenarios.FewestConnections, scenarios.MostConnections),
		"timeout":       s.Timeout.String() + " by default",
		"interval":      s.Scrape.Interval.String() + " by default",
		"ready_timeout": fmt.Sprintf("%s for a target that is started, %s for one", ready.StartTime, ready.AnswerTime),
		"sampler":       `"` + scenarios.Traces{}.SamplerName() + `" by default`,
		"seed":          fmt.Sprintf("%d by default", s.Seed),
	} {
		row := regexp.MustCompile("(?m)^\\| `" + key + "` \\| (.*) \\|$").FindStringSubmatch(string(page))
		require.NotNil(t, row, key)
		require.Contains(t, row[1], says, key)
	}
}
