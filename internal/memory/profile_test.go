package memory

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestToolsIsACopy(t *testing.T) {
	Tools()[0] = "changed"
	require.Equal(t, Pprof, Tools()[0])
}
