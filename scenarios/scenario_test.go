package scenarios

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestShippedScenariosLoadAndPlan(t *testing.T) {
	names, err := fs.Glob(Shipped(), "*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			s, err := Load(Shipped(), name)
			require.NoError(t, err)
			require.NotEmpty(t, s.Description)
			p, err := s.Plan(s.Seed)
			require.NoError(t, err)
			require.NotZero(t, p.Hits())
		})
	}
}
