package admin

import (
	"net/http"
	"strings"

	"brrtload/targetsvc/internal/security"
)

// The keys that verify knows; they protect nothing. Others that begin with the prefix are known but
// not entitled.
const (
	demoRemoteKey    = "remote-test-key"
	demoRemotePrefix = "remote-"
)

// verify answers for the service that a remote security provider would ask: 200, 403 or 401.
func verify(w http.ResponseWriter, r *http.Request) {
	switch key := r.Header.Get(security.VerifyHeader); {
	case key == demoRemoteKey:
		w.WriteHeader(http.StatusOK)
	case strings.HasPrefix(key, demoRemotePrefix):
		w.WriteHeader(http.StatusForbidden)
	default:
		w.WriteHeader(http.StatusUnauthorized)
	}
}
