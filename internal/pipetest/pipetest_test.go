package pipetest

import (
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTimePassesOnlyWhereTheHandlerWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(3 * time.Second)
			_, err := io.WriteString(w, "hello")
			require.NoError(t, err)
		}))
		client := &http.Client{Transport: &http.Transport{DialContext: s.Dial}}
		defer client.CloseIdleConnections()
		begun := time.Now()
		response, err := client.Get("http://pipe/")
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, "hello", string(body))
		require.Equal(t, 3*time.Second, time.Since(begun))
	})
}
