package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"brrtload/reports"
)

var update = flag.Bool("update", false, "rewrite expected diagnostics, and what docs/evidence keeps")

// TestBrokenScenarios validates scenarios that are wrong, and what goes with them, and compares the
// diagnostics with those kept beside them. The comment of an archive is a sentence, then lines "env
// NAME=VALUE", "set PATH=VALUE" and "validate FILE...", which is s.yaml otherwise.
func TestBrokenScenarios(t *testing.T) {
	archives, err := filepath.Glob("testdata/broken/*.txtar")
	require.NoError(t, err)
	require.Greater(t, len(archives), 30)
	here, err := os.Getwd()
	require.NoError(t, err)
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			require.NoError(t, err)
			want := &archive.Files[len(archive.Files)-1]
			require.Equal(t, "want", want.Name)
			got := validated(t, archive)
			if *update {
				want.Data = []byte(got)
				require.NoError(t, os.WriteFile(filepath.Join(here, name), txtar.Format(archive), 0o644))
			}
			require.Equal(t, string(want.Data), got)
		})
	}
}

// validated returns what `brrtload validate` says of the archive's files.
func validated(t *testing.T, archive *txtar.Archive) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, txtar.Write(&txtar.Archive{Files: archive.Files[:len(archive.Files)-1]}, dir))
	t.Chdir(dir)
	args, named := []string{"validate"}, false
	for line := range strings.Lines(string(archive.Comment)) {
		kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch kind {
		case "env":
			name, value, _ := strings.Cut(rest, "=")
			t.Setenv(name, value)
		case "set":
			args = append(args, "--set", rest)
		case "validate":
			args, named = append(args, strings.Fields(rest)...), true
		}
	}
	if !named {
		args = append(args, "s.yaml")
	}
	var out, said bytes.Buffer
	require.Equal(t, reports.StatusUsage, execute(t.Context(), args, &out, &said), said.String())
	return said.String()
}
