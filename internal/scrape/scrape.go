package scrape

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"net/url"
	"time"

	"brrtload/internal/diag"
	"brrtload/internal/evidence"
)

// New prepares the reading of a target into a store.
func New(t Target, store *evidence.Store) (*Endpoint, error) {
	fetcher, err := newFetcher(t)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(t.URL)
	if err != nil {
		return nil, err
	}
	e := bareEndpoint(t.Name, diag.Printable(u.Redacted()), t.Labels, store)
	e.fetcher = fetcher
	return e, nil
}

// Close closes the endpoint's idle connections.
func (e *Endpoint) Close() { e.fetcher.client.CloseIdleConnections() }

// Redial has each scrape use a connection of its own from now on: where several processes answer, one
// that no connection reached so far may get it.
func (e *Endpoint) Redial() { e.fetcher.anew = 1 }

// Scrape reads the endpoint once and adds what it says to a batch at t, all of it or, with an error
// that tells where and why, nothing but markers that its series have ended. It takes at most the
// target's timeout; about a microsecond a series.
func (e *Endpoint) Scrape(ctx context.Context, t time.Time, batch *evidence.Batch) (Reading, error) {
	e.begin(t)
	r := Reading{Endpoint: e.name, URL: e.where, Sent: t}
	start := time.Now()
	body, contentType, err := e.fetcher.fetch(ctx)
	r.Took, r.Bytes, r.ContentType, r.body = time.Since(start), len(body), diag.Printable(contentType), body
	r.Answered = err == nil || errors.As(err, new(answered))
	return e.takeIn(r, body, contentType, err, batch)
}

// Read takes in an exposition that was kept, as if the endpoint had answered with it at t.
func (e *Endpoint) Read(t time.Time, body []byte, contentType string, batch *evidence.Batch) (Reading, error) {
	e.begin(t)
	return e.takeIn(Reading{Endpoint: e.name, URL: e.where, Sent: t, Bytes: len(body),
		ContentType: diag.Printable(contentType), Answered: true}, body, contentType, nil, batch)
}

// takeIn adds what was read to the batch, unless there was an error.
func (e *Endpoint) takeIn(r Reading, body []byte, contentType string, err error,
	batch *evidence.Batch) (Reading, error) {
	if err == nil {
		err = e.parse(body, contentType)
	}
	if err != nil {
		e.lost(batch)
		r.Err = fmt.Errorf("scrape %s: %w", e.where, err)
		return r, r.Err
	}
	sum := maphash.Bytes(seed, body)
	r.Unchanged, e.sum = sum == e.sum, sum
	r.Unversioned = unversioned(contentType)
	e.understood(&r, batch)
	return r, nil
}

// seed is of the sums that tell whether a body has changed.
var seed = maphash.MakeSeed()
