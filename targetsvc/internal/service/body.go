package service

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"

	"brrtload/targetsvc/internal/dispatch"
	"brrtload/targetsvc/internal/handlers"
	"brrtload/targetsvc/internal/telemetry"
)

// readBody reads the request's body, so that no handler ever waits for a client. A response with a
// status says what is wrong with the body; an error, that the client went away.
func (s *Service) readBody(w http.ResponseWriter, rq *telemetry.Request,
	r *http.Request) ([]byte, handlers.Response, error) {
	if r.Body == http.NoBody {
		return nil, handlers.Response{}, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.config.MaxBody))
	rq.Body(len(body))
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return body, handlers.Response{}, nil
	case errors.As(err, &tooLarge):
		return nil, handlers.Failure(http.StatusRequestEntityTooLarge, "the body is too large"), nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, handlers.Failure(http.StatusRequestTimeout, "the body did not arrive in time"), nil
	case wentAway(err):
		return nil, handlers.Response{}, dispatch.Aborted{Stage: telemetry.BeforeDispatch}
	}
	return nil, handlers.Failure(http.StatusBadRequest, "the body cannot be read"), nil
}

func wentAway(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, net.ErrClosed)
}
