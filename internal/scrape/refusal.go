package scrape

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"brrtload/internal/diag"
)

// refusal is an error that another try will not mend: the endpoint answered, and not with an
// exposition for us.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

// Refused reports whether a scrape failed for a reason that another try will not mend.
func Refused(err error) bool { return errors.As(err, new(refusal)) }

// answered is why an answer was not taken.
type answered struct{ error }

func (a answered) Unwrap() error { return a.error }

// because returns the reason for which the context ended, if it did, and otherwise the error
// without the method and the URL that net/http puts before it.
func because(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// statusHints tells what to do about an answer that is not 200.
var statusHints = map[int]string{
	http.StatusUnauthorized:       "it wants credentials: give the scenario scrape: {http: {basic_auth: {username: …, password: …}}} or authorization: {credentials: …}",
	http.StatusForbidden:          "the credentials under http do not permit it",
	http.StatusProxyAuthRequired:  "the proxy wants credentials",
	http.StatusNotFound:           "no exposition at this path; /metrics is usual",
	http.StatusMethodNotAllowed:   "it does not answer GET",
	http.StatusNotAcceptable:      "it supports none of protobuf, OpenMetrics 1.0 and text 0.0.4",
	http.StatusTooManyRequests:    "it limits the rate; scrape less often",
	http.StatusServiceUnavailable: "it is not ready, or limits its scrapes",
}

// statusError returns why an answer that is not 200 was not taken.
func statusError(response *http.Response, screen func(body []byte, contentType string)) error {
	text := fmt.Sprintf("status %d", response.StatusCode)
	if hint := statusHints[response.StatusCode]; hint != "" {
		text += ": " + hint
	}
	if location := response.Header.Get("Location"); location != "" && response.StatusCode/100 == 3 {
		text += fmt.Sprintf(": it redirects to %q; give that as the endpoint, or follow redirects",
			diag.Printable(location))
	}
	start, err := io.ReadAll(io.LimitReader(response.Body, 200))
	screen(start, "")
	line, _, _ := strings.Cut(strings.TrimSpace(string(start)), "\n")
	if err == nil && line != "" {
		text += fmt.Sprintf(" (it says %q)", diag.Printable(line))
	}
	if code := response.StatusCode; code/100 == 5 || code == http.StatusTooManyRequests ||
		code == http.StatusRequestTimeout {
		return errors.New(text)
	}
	return refusal{errors.New(text)}
}
