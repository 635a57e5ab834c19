// Package admin is the listener for those who run the service: profiles and the runtime's own
// metrics, reloading, faults, and the verification that the bundled remote security provider asks.
// It is the same in both builds.
package admin

import (
	"encoding/json"
	"net/http"
	"net/http/pprof"

	"brrtload/targetsvc/internal/fault"
	"brrtload/targetsvc/internal/telemetry"
)

// Reloader can read its OpenAPI document again.
type Reloader interface{ Reload() error }

// Handler serves the admin listener. Every request is counted as one of its own, and as nothing
// else.
func Handler(t *telemetry.Telemetry, service Reloader, faults *fault.Set) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /runtime", runtimeMetrics)
	mux.HandleFunc("GET /verify", verify)
	mux.HandleFunc("POST /reload", func(w http.ResponseWriter, _ *http.Request) {
		if err := service.Reload(); err != nil {
			reply(w, http.StatusUnprocessableEntity, failure{err.Error()})
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	faultRoutes(mux, faults)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.AdminRequest()
		mux.ServeHTTP(w, r)
	})
}

type failure struct {
	Error string `json:"error"`
}

func reply(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "the answer cannot be written as JSON", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(body, '\n'))
}
