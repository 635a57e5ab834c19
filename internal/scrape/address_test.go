package scrape

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/prometheus/common/config"
	"github.com/stretchr/testify/require"
)

// An address takes the place of the host where connections are made, and nowhere else.
func TestAnAddressIsConnectedToInPlaceOfTheHost(t *testing.T) {
	host := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host = r.Host
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = io.WriteString(w, "# TYPE x_total counter\nx_total 1\n")
	}))
	defer server.Close()
	u, err := url.Parse(server.URL)
	require.NoError(t, err)
	store := newStore(t)
	e, err := New(Target{Name: "shop-127.0.0.1", URL: "http://shop.invalid:" + u.Port() + "/metrics", Address: "127.0.0.1",
		HTTP: config.DefaultHTTPClientConfig}, store)
	require.NoError(t, err)
	defer e.Close()
	at := time.Now()
	batch := store.At(at)
	_, err = e.Scrape(t.Context(), at, batch)
	require.NoError(t, err)
	require.NoError(t, batch.Commit())
	require.Equal(t, "shop.invalid:"+u.Port(), host)
}
