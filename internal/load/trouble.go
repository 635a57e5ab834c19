package load

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/valyala/fasthttp"
)

// fail enters why a hit was not answered.
func (r *Result) fail(outcome Outcome, err error) {
	r.Outcome, r.Kind, r.Err = outcome, trouble(err), err
}

// trouble sorts an error into its kind.
func trouble(err error) Kind {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Reset
	case errors.Is(err, context.Canceled):
		return Cancelled
	case errors.Is(err, fasthttp.ErrTimeout), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return TimedOut
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe):
		return Closed
	default:
		return Malformed
	}
}
