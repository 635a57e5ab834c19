package security

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
)

// APIKey admits requests that carry one key in a header.
type APIKey struct {
	header string
	digest [sha256.Size]byte
}

// NewAPIKey returns a provider for a key in a header.
func NewAPIKey(header, key string) *APIKey {
	return &APIKey{header, sha256.Sum256([]byte(key))}
}

// Validate compares digests, so that the time taken tells neither the key nor its length. Scopes do
// not apply to a key.
func (p *APIKey) Validate(_ context.Context, r *http.Request, _ []string) *Refusal {
	given := r.Header.Get(p.header)
	if given == "" {
		return &Refusal{MissingCredentials, "ApiKey"}
	}
	digest := sha256.Sum256([]byte(given))
	if subtle.ConstantTimeCompare(digest[:], p.digest[:]) != 1 {
		return &Refusal{InvalidCredentials, "ApiKey"}
	}
	return nil
}
