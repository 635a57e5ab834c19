package packs_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/packs"
)

var update = flag.Bool("update", false, "rewrite the expected diagnostics")

// TestBrokenFiles reads assertions and rule files that are wrong in one way each, and compares the
// diagnostics with those kept beside them.
func TestBrokenFiles(t *testing.T) {
	archives, err := filepath.Glob("testdata/broken/*.txtar")
	require.NoError(t, err)
	require.Greater(t, len(archives), 40)
	for _, name := range archives {
		t.Run(filepath.Base(name), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			require.NoError(t, err)
			want := &archive.Files[len(archive.Files)-1]
			require.Equal(t, "want", want.Name)
			given := stage.Files{}
			for _, file := range archive.Files[:len(archive.Files)-1] {
				given[file.Name] = string(file.Data)
			}
			got := diagnostics(t, given.FS())
			if *update {
				want.Data = []byte(got)
				require.NoError(t, os.WriteFile(name, txtar.Format(archive), 0o644))
			}
			require.Equal(t, string(want.Data), got)
		})
	}
}

func diagnostics(t *testing.T, fsys fs.FS) string {
	t.Helper()
	_, err := packs.Load(fsys, "a.yaml")
	require.Error(t, err)
	return err.Error() + "\n"
}
