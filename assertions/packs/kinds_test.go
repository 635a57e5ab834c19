package packs

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A section that is added to [Document] has a page that shows it.
func TestEverySectionHasAPage(t *testing.T) {
	names, err := filepath.Glob("../../docs/assertions/*.md")
	require.NoError(t, err)
	var pages strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		pages.Write(text)
	}
	document := reflect.TypeFor[Document]()
	for i := range document.NumField() {
		key := document.Field(i).Tag.Get("yaml")
		require.Contains(t, pages.String(), "\n"+key+":", "no page of docs/assertions shows the section %s", key)
	}
}
