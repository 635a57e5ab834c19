package security

import (
	"context"
	"crypto/sha256"
	"io"
	"net/http"
	"sync"
	"time"
)

// RemoteKeys say whom to ask about a key.
type RemoteKeys struct {
	URL     string        // receives a GET with the key in X-Verify-Key; 200 admits, 401 and 403 refuse
	Timeout time.Duration // for one question
	Cache   time.Duration // how long an answer is kept; 0 keeps none
}

// VerifyHeader is the header in which the key is sent to the verification URL.
const VerifyHeader = "X-Verify-Key"

// maxVerdicts bounds the cache; a full one is emptied, since its entries are short-lived.
const maxVerdicts = 4096

// Remote admits requests whose key another service verifies.
type Remote struct {
	header string
	keys   RemoteKeys
	client *http.Client

	mu       sync.Mutex
	verdicts map[[sha256.Size]byte]verdict
}

type verdict struct {
	refusal *Refusal
	until   time.Time
}

// NewRemote returns a provider for a key in a header.
func NewRemote(header string, keys RemoteKeys) *Remote {
	return &Remote{header: header, keys: keys, verdicts: map[[sha256.Size]byte]verdict{},
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute}}}
}

// Validate returns the cached verdict, or asks for one. A service that cannot be asked leaves
// nothing in the cache.
func (p *Remote) Validate(ctx context.Context, r *http.Request, _ []string) *Refusal {
	key := r.Header.Get(p.header)
	if key == "" {
		return &Refusal{MissingCredentials, "RemoteKey"}
	}
	digest := sha256.Sum256([]byte(key))
	if v, ok := p.cached(digest); ok {
		return v.refusal
	}
	refusal := p.ask(ctx, key)
	if refusal == nil || refusal.Reason != ProviderUnavailable {
		p.keep(digest, refusal)
	}
	return refusal
}

func (p *Remote) cached(digest [sha256.Size]byte) (verdict, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v, ok := p.verdicts[digest]
	return v, ok && time.Now().Before(v.until)
}

func (p *Remote) keep(digest [sha256.Size]byte, refusal *Refusal) {
	if p.keys.Cache <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.verdicts) >= maxVerdicts {
		clear(p.verdicts)
	}
	p.verdicts[digest] = verdict{refusal, time.Now().Add(p.keys.Cache)}
}

func (p *Remote) ask(ctx context.Context, key string) *Refusal {
	unavailable := &Refusal{ProviderUnavailable, "RemoteKey"}
	// A client that goes away meanwhile says nothing about its key, so the question is asked to its
	// end.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.keys.Timeout)
	defer cancel()
	question, err := http.NewRequestWithContext(ctx, http.MethodGet, p.keys.URL, nil)
	if err != nil {
		return unavailable
	}
	question.Header.Set(VerifyHeader, key)
	answer, err := p.client.Do(question)
	if err != nil {
		return unavailable
	}
	defer answer.Body.Close()
	// Reading to the end lets the connection be used again; more than a little is not worth it.
	if _, err := io.CopyN(io.Discard, answer.Body, 4096); err != nil && err != io.EOF {
		return unavailable
	}
	switch answer.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusUnauthorized:
		return &Refusal{InvalidCredentials, "RemoteKey"}
	case http.StatusForbidden:
		return &Refusal{InsufficientScope, "RemoteKey"}
	}
	return unavailable
}
