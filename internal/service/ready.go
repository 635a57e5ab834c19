package service

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"brrtload/internal/process"
)

// How long a service may take by default to become ready after we started it, and to answer when it
// runs already.
const (
	StartTime  = 30 * time.Second
	AnswerTime = 5 * time.Second
)

// tryTime is how long one request may take that asks whether the service is ready.
const tryTime = 5 * time.Second

// Readiness is how a service is asked whether it is ready.
type Readiness struct {
	// answered with a 2xx by one that is ready, or a URL elsewhere; without it any answer will do
	Path string
	Time time.Duration     // how long to ask; StartTime for a service of ours and AnswerTime for another when 0
	Way  http.RoundTripper // how the service is reached; plain HTTP/1.1 when nil
	// Elsewhere is how a Path on another host is reached; plain HTTP/1.1 when nil.
	Elsewhere http.RoundTripper
}

// Ready waits until the service is ready. No redirect is followed.
func (s *Service) Ready(ctx context.Context, r Readiness) error {
	address, way := s.URL+cmp.Or(r.Path, "/"), r.Way
	if u, err := url.Parse(r.Path); err == nil && u.Host != "" {
		address = r.Path
		if base, err := url.Parse(s.URL); err == nil && (u.Scheme != base.Scheme || u.Host != base.Host) {
			way = r.Elsewhere
		}
	}
	if way == nil {
		way = &http.Transport{} // not the default one, which takes the environment's proxy
	}
	if idle, ok := way.(interface{ CloseIdleConnections() }); ok {
		defer idle.CloseIdleConnections()
	}
	client := http.Client{Transport: way, Timeout: tryTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	err := s.until(ctx, s.patience(r.Time), increasingly, "answer "+shown(address), func(ctx context.Context) error {
		return ask(ctx, &client, address, r.Path != "")
	})
	if err == nil && s.Process != nil {
		s.serving, s.unknown = process.Serving(s.Process.PID(), port(s.URL))
	}
	return err
}

// patience is how long the service is waited for.
func (s *Service) patience(given time.Duration) time.Duration {
	if s.Process != nil {
		return cmp.Or(given, StartTime)
	}
	return cmp.Or(given, AnswerTime)
}

// ask sends one GET; any answer will do unless it must be a 2xx.
func ask(ctx context.Context, client *http.Client, address string, successful bool) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", "brrtload")
	answer, err := client.Do(request)
	if err != nil {
		var outer *url.Error // its text has the address again
		if errors.As(err, &outer) {
			err = outer.Err
		}
		return hinted(err)
	}
	defer answer.Body.Close()
	switch location := answer.Header.Get("Location"); {
	case !successful || answer.StatusCode/100 == 2:
		return nil
	case answer.StatusCode/100 == 3 && location != "":
		return fmt.Errorf("answered %s, to %.100q; a ready path answers with a 2xx itself", answer.Status, location)
	}
	return fmt.Errorf("answered %s", answer.Status)
}

// final is an error that another try will not mend.
type final struct{ error }

func (f final) Unwrap() error { return f.error }

// hinted adds to an error what to do about it.
func hinted(err error) error {
	var untrusted *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &untrusted):
		return final{fmt.Errorf("%w; name its authority with transport: {tls: {ca_file: FILE}}", err)}
	case errors.As(err, &plain) || strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return final{fmt.Errorf("%w; give the target's url as http://", err)}
	case errors.Is(err, syscall.EMFILE):
		return final{fmt.Errorf("%w in brrtload; raise `ulimit -n`", err)}
	}
	return err
}

// How the pauses between two tries grow.
const (
	firstPause   = 20 * time.Millisecond
	lastPause    = time.Second
	steadily     = 1.0
	increasingly = 1.5
)

// until tries again and again until there is no error, for as long as the service is alive and the
// time allows.
func (s *Service) until(ctx context.Context, patience time.Duration, growth float64, what string,
	try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var telling error
	for pause := firstPause; ; pause = min(time.Duration(float64(pause)*growth), lastPause) {
		err := try(ctx)
		if err == nil {
			return nil
		}
		if telling == nil || !ours(err) {
			telling = err
		}
		if errors.As(err, new(final)) {
			return fmt.Errorf("target %s did not %s: %w%s", s.Brief(), what, err, s.Tail())
		}
		select {
		case <-s.Ended():
			return fmt.Errorf("target %s %s before it could %s%s", s.Brief(), s.Died(), what, s.Tail())
		case <-ctx.Done():
			if ours(telling) {
				telling = errors.New("no answer came")
			}
			return fmt.Errorf("target %s did not %s within %s: %w; target.ready_timeout makes that longer%s", s.Brief(),
				what, patience, telling, s.Tail())
		case <-time.After(pause):
		}
	}
}

// ours reports whether an error says no more than that our own time was up.
func ours(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.As(err, &timeout) && timeout.Timeout()
}
