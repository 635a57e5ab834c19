package run

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTooFewDescriptorsAreToldBeforeTheLoad(t *testing.T) {
	require.Equal(t, "200 connections need 240 file descriptors and the limit is 100; raise `ulimit -n`, or lower connections", tooFew(200, 100))
	require.Empty(t, tooFew(200, 240))
	require.Empty(t, tooFew(200, 0), "where the limit is not known")
}
