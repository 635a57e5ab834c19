package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headline = regexp.MustCompile(`(?m)^#+ (.*)$`)
	unusual  = regexp.MustCompile(`[^\p{L}\p{N}_\- ]`)
	fence    = regexp.MustCompile("(?ms)^```.*?^```$")
)

// anchors lists what a page's headings are linked by, as GitHub and GitLab make them.
func anchors(page string) map[string]bool {
	found := map[string]bool{}
	for _, h := range headline.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		found[strings.ReplaceAll(unusual.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")] = true
	}
	return found
}

// Every link from a page to a file of the repository leads to one, and to a heading of it where it
// names one.
func TestLinksOfTheDocs(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	below, err := filepath.Glob("../../docs/*/*.md")
	require.NoError(t, err)
	pages = append(append(pages, below...), "../../README.md", "../../CONTRIBUTING.md")
	require.Greater(t, len(pages), 25)
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, l := range link.FindAllStringSubmatch(fence.ReplaceAllString(string(text), ""), -1) {
			if strings.Contains(l[1], "://") {
				continue
			}
			path, anchor, named := strings.Cut(l[1], "#")
			to := page
			if path != "" {
				to = filepath.Join(filepath.Dir(page), filepath.FromSlash(path))
			}
			info, err := os.Stat(to)
			if err != nil {
				t.Errorf("%s links to %s, which is not there", page, l[1])
				continue
			}
			if !named || info.IsDir() {
				continue
			}
			linked, err := os.ReadFile(to)
			require.NoError(t, err)
			if !anchors(string(linked))[anchor] {
				t.Errorf("%s links to %s, which has no such heading", page, l[1])
			}
		}
	}
}

// README.md leads to every page of docs/ that a user reads.
func TestReadmeLeadsToThePages(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	pages, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	for _, page := range pages {
		name := "docs/" + filepath.Base(page)
		if name == "docs/overhead-calibration.md" { // docs/overhead.md leads there
			continue
		}
		require.Contains(t, string(readme), "("+name+")")
	}
}
