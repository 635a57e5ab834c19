package admin

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"brrtload/targetsvc/internal/fault"
)

// maxValue is the longest value of a fault, in bytes.
const maxValue = 1024

type faultState struct {
	fault.Fault
	On      bool   `json:"on"`
	Setting string `json:"setting,omitempty"`
}

func stateOf(faults *fault.Set, f fault.Fault) faultState {
	setting, on := faults.Value(f.Name)
	return faultState{f, on, setting}
}

// faultRoutes lists faults, and switches one on (PUT, the value as the body) or off (DELETE).
func faultRoutes(mux *http.ServeMux, faults *fault.Set) {
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) {
		states := []faultState{}
		for _, f := range fault.All() {
			states = append(states, stateOf(faults, f))
		}
		reply(w, http.StatusOK, states)
	})
	mux.HandleFunc("GET /faults/{name}", func(w http.ResponseWriter, r *http.Request) {
		for _, f := range fault.All() {
			if f.Name == r.PathValue("name") {
				reply(w, http.StatusOK, stateOf(faults, f))
				return
			}
		}
		reply(w, http.StatusNotFound, failure{fault.ErrUnknown.Error()})
	})
	mux.HandleFunc("PUT /faults/{name}", func(w http.ResponseWriter, r *http.Request) {
		value, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxValue))
		if err != nil {
			reply(w, http.StatusBadRequest, failure{"the value cannot be read"})
			return
		}
		switched(w, faults.Enable(r.PathValue("name"), strings.TrimSpace(string(value))))
	})
	mux.HandleFunc("DELETE /faults/{name}", func(w http.ResponseWriter, r *http.Request) {
		switched(w, faults.Disable(r.PathValue("name")))
	})
}

func switched(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, fault.ErrUnknown):
		reply(w, http.StatusNotFound, failure{err.Error()})
	case err != nil:
		reply(w, http.StatusBadRequest, failure{err.Error()})
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}
