package service

import (
	"net/http"
	"strconv"

	"brrtload/targetsvc/internal/handlers"
)

// write sends the response to its last byte, so that a client that went away shows as an error. Flushing costs nothing: the
// one system call that net/http would make after the handler is made here.
func write(w http.ResponseWriter, r *http.Request, response handlers.Response) error {
	if err := r.Context().Err(); err != nil {
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
