//go:build !notelemetry

package service_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/config"
	"brrtload/targetsvc/internal/fault"
	"brrtload/targetsvc/internal/service"
	"brrtload/targetsvc/internal/telemetry"
)

// A document of somebody's own may name a handler that there is none of: the message says where.
func TestOperationWithoutAHandlerIsPlaced(t *testing.T) {
	file := filepath.Join(t.TempDir(), "own.yaml")
	require.NoError(t, os.WriteFile(file, []byte(`openapi: 3.0.0
info: {title: x, version: "1"}
paths:
  /a:
    get:
      operationId: nosuch
      responses: {"200": {description: ok}}
`), 0o600))
	c := config.Default()
	c.Spec = file
	told, err := telemetry.New(telemetry.Options{Log: io.Discard})
	require.NoError(t, err)
	_, err = service.New(c, told, fault.NewSet())
	require.EqualError(t, err, file+`:5:5: GET /a: no handler is named "nosuch"`)
}
