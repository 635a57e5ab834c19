package packs

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A section that is added to [Document] has a page that shows it, and a test that judges it.
func TestEverySectionHasAPageAndATest(t *testing.T) {
	pages := texts(t, "../../docs/assertions", ".md")
	tests := texts(t, "..", "_test.go")
	document := reflect.TypeFor[Document]()
	for i := range document.NumField() {
		key := document.Field(i).Tag.Get("yaml")
		if !strings.Contains(pages, "\n"+key+":") {
			t.Errorf("no page of docs/assertions has an example of %s; write one whose YAML begins with %q, "+
				"as docs/assertions/return.md does for returns", key, key+":")
		}
		if !strings.Contains(tests, key+":") {
			t.Errorf("no test below assertions/ judges %s; write one beside the kind, "+
				"as assertions/checks/returns_test.go does for returns", key)
		}
	}
}

// texts joins the files below a directory whose names end so.
func texts(t *testing.T, dir, end string) string {
	t.Helper()
	var all strings.Builder
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, end) {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	}))
	return all.String()
}
