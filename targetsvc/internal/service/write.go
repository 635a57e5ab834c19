package service

import (
	"fmt"
	"net/http"
	"strconv"

	"brrtload/targetsvc/internal/handlers"
	"brrtload/targetsvc/internal/telemetry"
)

// writeOrFail is write; after a panic on the way the answer cannot be completed.
func writeOrFail(w http.ResponseWriter, rq *telemetry.Request, r *http.Request,
	response handlers.Response) (err error) {
	defer func() {
		if value := recover(); value != nil {
			rq.Panicked(value)
			err = fmt.Errorf("write the response: panic: %v", value)
		}
	}()
	return write(w, r, response)
}

// write sends the response to its last byte, so that a client that went away shows as an error.
// Flushing costs nothing: the one system call that net/http would make after the handler is made
// here.
func write(w http.ResponseWriter, r *http.Request, response handlers.Response) error {
	// A body that does not arrive in time ends the context, too, though its client is still there.
	if err := r.Context().Err(); err != nil && response.Status != http.StatusRequestTimeout {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", response.ContentType)
	header.Set("Content-Length", strconv.Itoa(response.Length))
	w.WriteHeader(response.Status)
	if response.Stream != nil {
		if err := response.Stream(w); err != nil {
			return err
		}
	} else if _, err := w.Write(response.Body); err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}
