package hit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Fail enters why a hit was not answered.
func (r *Result) Fail(outcome Outcome, err error) {
	r.Outcome, r.Kind, r.Err = outcome, Trouble(err), err
}

// Late is the error of a hit that was not done in time.
func Late(timeout time.Duration) error {
	return fmt.Errorf("no whole answer within %s: %w", timeout, os.ErrDeadlineExceeded)
}

// FailDial enters why no connection could be made. A hit that the generator lacks the means for was
// not sent: that says nothing of the target.
func (r *Result) FailDial(kind Kind, err error) {
	r.Outcome, r.Kind, r.Err = NeverReached, kind, err
	if own := Lacking(err); own != NoTrouble {
		r.Outcome, r.Kind = NotSent, own
	}
}

// Lacking returns what the generator lacked for a connection, and NoTrouble when the error is not
// of its own making. A name that does not exist is not: the name servers answered.
func Lacking(err error) Kind {
	var name *net.DNSError
	switch {
	case isAny(err, syscall.EMFILE, syscall.ENFILE):
		return NoDescriptor
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return NoPort
	case isAny(err, syscall.ENOBUFS, syscall.ENOMEM):
		return NoMemory
	case errors.As(err, &name) && !name.IsNotFound:
		return NoResolver
	default:
		return NoTrouble
	}
}

func isAny(err error, these ...error) bool {
	return slices.ContainsFunc(these, func(one error) bool { return errors.Is(err, one) })
}

// Trouble sorts an error into its kind.
func Trouble(err error) Kind {
	var timeout net.Error
	switch {
	case isAny(err, syscall.ECONNRESET, syscall.EPIPE):
		return Reset
	case errors.Is(err, context.Canceled):
		return Cancelled
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return TimedOut
	case isAny(err, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, io.ErrClosedPipe):
		return Closed
	}
	for _, known := range nameless {
		if strings.Contains(err.Error(), known.text) {
			return known.kind
		}
	}
	return Malformed
}

// nameless are errors of net/http that are recognised by their texts only.
var nameless = []struct {
	text string
	kind Kind
}{
	{"server closed idle connection", Closed},
	{"readLoopPeekFailLocked", Closed}, // bytes came after the answer before
	{"server sent GOAWAY", Closed},
	{"client connection lost", Closed},
	{"client connection force closed", Closed},
	{"; received from peer", Reset}, // a stream
}
