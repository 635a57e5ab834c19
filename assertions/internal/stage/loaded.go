package stage

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/checks"
	"brrtload/assertions/packs"
)

// Loaded reads an assertions file, and returns for each assertion its id, query and, of budgets,
// limit.
func Loaded(t testing.TB, text string) map[string][2]string {
	t.Helper()
	list, err := packs.Load(fstest.MapFS{"a.yaml": {Data: []byte(text)}}, "a.yaml")
	require.NoError(t, err)
	all := map[string][2]string{}
	for _, a := range list {
		about := a.About()
		limit := ""
		if b, ok := a.(*checks.Budget); ok {
			limit = b.Must[0].String()
		}
		require.Equal(t, "a.yaml", about.Position.File)
		require.NotEmpty(t, about.Why)
		all[about.ID] = [2]string{about.Query, limit}
	}
	return all
}
