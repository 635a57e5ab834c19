//go:build !notelemetry

package service_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/config"
)

func TestBadInputGetsTheRightStatusAndTheServiceGoesOn(t *testing.T) {
	r := start(t, func(c *config.Config) { c.MaxBody = 4096 })
	post := func(path, body string) string {
		return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nX-API-Key: test-key\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
	}
	deep := strings.Repeat("[", 1500) + strings.Repeat("]", 1500)
	for name, row := range map[string]struct {
		text   string
		status int
	}{
		"malformed JSON":               {post("/pets", `{"name":`), 400},
		"two JSON values":              {post("/pets", `{"name":"a"}{}`), 400},
		"an unknown field":             {post("/pets", `{"name":"a","x":1}`), 400},
		"a name too long":              {post("/pets", `{"name":"`+strings.Repeat("a", 101)+`"}`), 400},
		"no body":                      {post("/pets", ""), 400},
		"a document nested too deep":   {post("/digest", deep), 400},
		"a body too large":             {post("/pets", strings.Repeat(" ", 5000)), 413},
		"a chunked body too large":     {"POST /pets HTTP/1.1\r\nHost: x\r\nX-API-Key: test-key\r\nTransfer-Encoding: chunked\r\n\r\n1400\r\n" + strings.Repeat("a", 0x1400) + "\r\n0\r\n\r\n", 413},
		"a malformed chunk":            {"POST /pets HTTP/1.1\r\nHost: x\r\nX-API-Key: test-key\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
		"a bad percent-encoding":       {"GET /users/%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		"a path parameter that climbs": {"GET /static/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		"a path parameter with a NUL":  {"GET /static/a%00b HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		"a directory":                  {"GET /static/. HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		"a number beyond range":        {"GET /users/99999999999999999999 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		"a negative number":            {"GET /users/-1 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		"a tree too deep":              {"GET /tree?depth=1001 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		"a missing query parameter":    {"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		"an empty query parameter":     {"GET /wait?ms= HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		"a bad query encoding":         {"GET /search?q=%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		"a method of their own":        {"STEAL /pets HTTP/1.1\r\nHost: x\r\n\r\n", 405},
		"no path":                      {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 200},
		"a double slash":               {"GET //users/1 HTTP/1.1\r\nHost: x\r\n\r\n", 404},
		"headers too large":            {"GET /users/1 HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", 2<<20), 431},
		"no HTTP":                      {"hello\r\n\r\n", 400},
		"a token that is none":         {"GET /users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a.b.c\r\n\r\n", 401},
		"an algorithm of none":         {"GET /users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer eyJhbGciOiJub25lIn0.e30.\r\n\r\n", 401},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, row.status, r.exchange(row.text))
		})
	}
	status, _ := r.send("GET", "/users/1", "")
	require.Equal(t, http.StatusOK, status)
	m := r.atRest(1)
	// Label values never come from the caller's text.
	for name, family := range m {
		if strings.HasPrefix(name, "brrtrouter_") {
			assert.NotContains(t, family.String(), "STEAL")
		}
	}
}
