// Package admin is the listener for those who run the service: profiles and the runtime's own metrics, in both builds.
package admin

import (
	"net/http"
	"net/http/pprof"

	"brrtload/targetsvc/internal/telemetry"
)

// Handler serves the admin listener. Every request is counted as one of its own, and as nothing else.
func Handler(t *telemetry.Telemetry) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /runtime", runtimeMetrics)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.AdminRequest()
		mux.ServeHTTP(w, r)
	})
}
