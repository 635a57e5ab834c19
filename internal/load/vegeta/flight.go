package vegeta

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	lib "github.com/tsenart/vegeta/v12/lib"

	"brrtload/internal/load/hit"
	"brrtload/scenarios"
)

// flight is one hit from its hand-out to its result: what is sent, and what vegeta's Result leaves
// out.
type flight struct {
	hit     scenarios.Hit
	target  int           // its number
	to      *Client       // nil for a hit that is not sent
	request *http.Request // nil when there is nothing to send
	waited  bool

	status int    // of the answer; vegeta leaves it out when the body is cut
	body   []byte // as much of it as is checked

	location []string // the header field, which is kept from vegeta's client
	read     int64    // bytes of the body; vegeta counts those that it keeps
	err      error    // of the sending, or of the body; vegeta keeps its text

	connected, wrote atomic.Bool
	first            atomic.Int64 // when the first byte of the answer came; of the steps
}

// bytesOut returns how many bytes of body the hit has.
func (f *flight) bytesOut() int64 {
	if f.hit.Message == nil {
		return 0
	}
	return int64(len(f.hit.Message.Body))
}

// result returns what came of the hit, by vegeta's Result and what that leaves out. Times count
// from start.
//
// Of a whole answer vegeta reports everything, though only those bytes that it keeps. Of any other
// hit it reports when it was sent, how long it took and the text of the error; its status and
// counts are 0.
func (f *flight) result(v *lib.Result, start time.Time) hit.Result {
	r := hit.Result{Waited: f.waited, Sent: v.Timestamp.Sub(start)}
	r.Done = r.Sent + v.Latency
	unknown := f.err == nil && v.Code == 0 && v.Error != ""
	if unknown { // an error of vegeta itself
		f.err = errors.New(v.Error)
	}
	switch {
	case f.err == nil:
		r.Outcome, r.Status = hit.Answered, int(v.Code)
		r.BytesOut, r.BytesIn = int64(v.BytesOut), max(int64(v.BytesIn), f.read)
	case f.status != 0:
		r.Status, r.BytesOut, r.BytesIn = f.status, f.bytesOut(), f.read
		r.Fail(hit.Cut, f.err)
	case f.hit.Err != nil:
		r.Outcome, r.Kind, r.Err = hit.NeverReached, hit.NoMessage, f.err
	case f.wrote.Load():
		r.BytesOut = f.bytesOut()
		r.Fail(hit.Ambiguous, f.err)
	default:
		r.Fail(hit.NeverReached, f.err)
		if !f.connected.Load() && r.Kind != hit.TimedOut && r.Kind != hit.Cancelled {
			r.FailDial(hit.NoDial, f.err)
		}
	}
	if f.to == nil {
		return r
	}
	if len(v.Body) > 0 {
		r.Excerpted(&f.hit, v.Body)
	}
	switch {
	case r.Kind != hit.NoTrouble && f.to.ctx.Err() != nil:
		r.Kind = hit.Cancelled
	case unknown:
		r.Kind = hit.OtherError
	case r.Kind == hit.TimedOut:
		r.Err = hit.Late(f.to.timeout)
	}
	if len(f.hit.Request.Checks) > 0 {
		r.Check(&f.hit, func(name string) (string, bool) {
			values := v.Headers.Values(name)
			if http.CanonicalHeaderKey(name) == "Location" {
				values = f.location
			}
			return strings.Join(values, ", "), len(values) > 0
		}, f.body)
	}
	if f.to.record != nil && r.Outcome == hit.Answered {
		f.to.record(hit.Transfer, r.Done-time.Duration(f.first.Load()))
	}
	return r
}
