package fault

import (
	"context"
	"net/http"
	"time"

	"brrtload/targetsvc/internal/router"
	"brrtload/targetsvc/internal/security"
)

func slowProvider(s *setting, _ string, next security.Provider) security.Provider {
	return provider(func(ctx context.Context, r *http.Request, scopes []string) *security.Refusal {
		pause(ctx, time.Duration(s.number))
		return next.Validate(ctx, r, scopes)
	})
}

func providerOutage(s *setting, name string, next security.Provider) security.Provider {
	if name != s.text {
		return next
	}
	return provider(func(context.Context, *http.Request, []string) *security.Refusal {
		return &security.Refusal{Reason: security.ProviderUnavailable, Challenge: name}
	})
}

func slowRouteMatching(s *setting, next Match) Match {
	return func(method, path string) (router.Match, error) {
		time.Sleep(time.Duration(s.number))
		return next(method, path)
	}
}

func connectionClose(s *setting, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.everyNth() {
			w = closing{w}
		}
		next.ServeHTTP(w, r)
	})
}

// closing closes the connection as soon as an answer is begun: what follows fails as if the client
// had gone away.
type closing struct{ http.ResponseWriter }

// WriteHeader closes the connection.
func (c closing) WriteHeader(int) {
	if connection, _, err := http.NewResponseController(c.ResponseWriter).Hijack(); err == nil {
		connection.Close()
	}
}

// Write fails: the connection is closed.
func (closing) Write([]byte) (int, error) { return 0, http.ErrHijacked }
