// Package security decides whether a request carries a credential that admits it.
//
// In go the security schemes of the OpenAPI document and the keys of the configuration; out come
// providers, one a scheme. A provider answers with nil or a [Refusal]. Secrets are compared in
// constant time and never appear in a message.
package security

import (
	"context"
	"fmt"
	"net/http"

	"brrtload/targetsvc/internal/spec"
)

// Provider checks the credentials of one scheme. It is safe for concurrent use.
type Provider interface {
	// Validate gives nil when the request carries a credential with all the scopes.
	Validate(ctx context.Context, r *http.Request, scopes []string) *Refusal
}

// The reasons for a refusal; they are label values.
const (
	MissingCredentials  = "missing_credentials"
	InvalidCredentials  = "invalid_credentials"
	Expired             = "expired"
	NotYetValid         = "not_yet_valid"
	InsufficientScope   = "insufficient_scope"
	ProviderUnavailable = "provider_unavailable" // it could not be asked
)

// Refusal says why a provider did not admit a request.
type Refusal struct {
	Reason    string
	Challenge string // the value for WWW-Authenticate
}

// Label returns the reason; it is "" for a nil refusal.
func (r *Refusal) Label() string {
	if r == nil {
		return ""
	}
	return r.Reason
}

// Status is the answer that the refusal asks for: 403 for a credential that is good but not enough,
// 502 when the provider could not be asked, else 401.
func (r *Refusal) Status() int {
	switch r.Reason {
	case InsufficientScope:
		return http.StatusForbidden
	case ProviderUnavailable:
		return http.StatusBadGateway
	}
	return http.StatusUnauthorized
}

// Keys are the secrets and addresses that the providers check against.
type Keys struct {
	APIKey string
	Bearer BearerKeys
	Remote RemoteKeys
}

// Providers makes a provider for each scheme, by name.
func Providers(schemes []spec.Scheme, keys Keys) (map[string]Provider, error) {
	out := map[string]Provider{}
	for _, scheme := range schemes {
		switch scheme.Kind {
		case spec.APIKey:
			out[scheme.Name] = NewAPIKey(scheme.Header, keys.APIKey)
		case spec.Bearer:
			out[scheme.Name] = NewBearer(keys.Bearer)
		case spec.Remote:
			out[scheme.Name] = NewRemote(scheme.Header, keys.Remote)
		default:
			return nil, fmt.Errorf("security scheme %s: no provider for kind %d", scheme.Name, scheme.Kind)
		}
	}
	return out, nil
}

// Reasons lists the reasons for which a kind of provider can refuse.
func Reasons(kind spec.SchemeKind) []string {
	switch kind {
	case spec.Bearer:
		return []string{MissingCredentials, InvalidCredentials, Expired, NotYetValid, InsufficientScope,
			ProviderUnavailable}
	default:
		return []string{MissingCredentials, InvalidCredentials, Expired, InsufficientScope, ProviderUnavailable}
	}
}
