package security

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// BearerKeys are what a JSON web token is checked against. Only HS256 is accepted.
type BearerKeys struct {
	Secret, Issuer, Audience string
}

// Bearer admits requests that carry a signed JSON web token (RFC 7519) in Authorization.
type Bearer struct {
	secret []byte
	parser *jwt.Parser
}

// NewBearer returns a provider that requires signature, exp, iss and aud, honours nbf, and reads
// scopes from the space-separated claim "scope" (RFC 8693 §4.2).
func NewBearer(keys BearerKeys) *Bearer {
	return &Bearer{[]byte(keys.Secret), jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(), jwt.WithIssuer(keys.Issuer), jwt.WithAudience(keys.Audience))}
}

type claims struct {
	jwt.RegisteredClaims
	Scope string `json:"scope"`
}

// Validate checks the token and its scopes.
func (p *Bearer) Validate(_ context.Context, r *http.Request, scopes []string) *Refusal {
	authorization := r.Header.Get("Authorization")
	scheme, token, _ := strings.Cut(authorization, " ")
	if authorization == "" || !strings.EqualFold(scheme, "Bearer") {
		return &Refusal{MissingCredentials, "Bearer"}
	}
	var c claims
	_, err := p.parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return p.secret, nil })
	switch {
	case errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return &Refusal{Expired, `Bearer error="invalid_token", error_description="expired"`}
	case errors.Is(err, jwt.ErrTokenNotValidYet):
		return &Refusal{NotYetValid, `Bearer error="invalid_token", error_description="not yet valid"`}
	case err != nil:
		return &Refusal{InvalidCredentials, `Bearer error="invalid_token"`}
	}
	held := strings.Fields(c.Scope)
	for _, scope := range scopes {
		if !slices.Contains(held, scope) {
			return &Refusal{InsufficientScope, `Bearer error="insufficient_scope", scope="` + strings.Join(scopes,
				" ") + `"`}
		}
	}
	return nil
}
