package memtrace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"brrtload/internal/diag"
	"brrtload/internal/memory"
)

// fetchTime bounds the fetch of one profile. With a collection of the heap before it, that of a large
// heap takes seconds.
const fetchTime = 30 * time.Second

// At has profiles fetched from a URL by this client. Local says that the target is on this machine,
// where the programs and libraries that a profile names can be read.
func (t *Tracer) At(client *http.Client, url string, local bool) {
	t.client, t.url, t.local = client, url, local
}

// collected asks a Go program to collect its heap before it writes the profile. Without that the
// profile is as of a collection that may be long past. Other programs ignore it.
const collected = "gc"

// Fetch fetches a profile and keeps it. Collect asks the target to collect its garbage before: done
// while no hit is under way, when it makes nothing wait. The error says what to change.
func (t *Tracer) Fetch(ctx context.Context, collect bool) error {
	if !t.Fetches() {
		return nil
	}
	u, err := url.Parse(t.url)
	if err != nil {
		return errors.New("the URL of the profile is none")
	}
	if query := u.Query(); collect && !query.Has(collected) {
		query.Set(collected, "1")
		u.RawQuery = query.Encode()
	}
	at := time.Now()
	text, err := t.get(ctx, u.String())
	if err == nil {
		if err = memory.CheckPprof(text); err != nil {
			err = fmt.Errorf("%w%s; %s", err, beginning(text), elsewhere)
		}
	}
	if err != nil {
		return fmt.Errorf("fetch %s: %w", u.Redacted(), err)
	}
	if err := os.WriteFile(filepath.Join(t.dir, memory.ProfileFile(at)), text, 0o644); err != nil {
		return fmt.Errorf("keep a profile: %w", err)
	}
	return nil
}

// elsewhere says what to do about a URL without a profile.
const elsewhere = "give the address of a heap profile: memory: {tool: pprof, url: …}"

func (t *Tracer) get(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, fetchTime, fmt.Errorf("no complete answer in %s", fetchTime))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", "brrtload")
	answer, err := t.client.Do(request)
	if err != nil {
		return nil, because(ctx, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, refused(answer.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, memory.MaxProfileBytes+1))
	switch {
	case err != nil:
		return nil, because(ctx, err)
	case len(text) > memory.MaxProfileBytes:
		return nil, fmt.Errorf("the profile has more than %d bytes", memory.MaxProfileBytes)
	}
	return text, nil
}

// because returns the reason for which the context ended, if it did, and otherwise the error without
// the URL, which may hold a password.
func because(ctx context.Context, err error) error {
	var wrapped *url.Error
	var refused net.Error
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &wrapped):
		err = wrapped.Err
	}
	if errors.As(err, &refused) {
		return fmt.Errorf("%w; %s", err, elsewhere)
	}
	return err
}

// refused says what an answer without a profile means, and what to do about it.
func refused(status int) error {
	hint := elsewhere
	switch status {
	case http.StatusNotFound:
		hint = "no profile there; a Go program serves it with net/http/pprof; " + elsewhere
	case http.StatusUnauthorized, http.StatusForbidden:
		hint = "it wants credentials: those under scrape: {http: …} are used at the host of the metrics"
	}
	return fmt.Errorf("status %d: %s", status, hint)
}

// beginning quotes the first line of what came in place of a profile.
func beginning(text []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(text[:min(len(text), 80)])), "\n")
	if line == "" {
		return ""
	}
	return fmt.Sprintf(" (it begins with %q)", diag.Printable(line))
}
