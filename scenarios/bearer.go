package scenarios

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"brrtload/internal/diag"
)

// Bearer is a token in the Authorization header: a given one, or one minted with HMAC-SHA-256 when
// the scenario is loaded.
type Bearer struct {
	Token     Secret         `yaml:"token"`      // a given token: a text, {env: NAME} or {file: PATH}
	Secret    Secret         `yaml:"secret"`     // signs a token that is made here, in place of a given one, with HMAC-SHA-256
	Claims    Claims         `yaml:"claims"`     // of such a token, as they are; none by default
	Expires   *time.Duration `yaml:"expires"`    // sets the claim exp, from now; a negative one lies in the past; no such claim by default
	NotBefore *time.Duration `yaml:"not_before"` // sets the claim nbf, from now; no such claim by default
	IssuedAt  *time.Duration `yaml:"issued_at"`  // sets the claim iat, from now; no such claim by default

	shown string // the token
}

// Claims are the claims of a token, of any JSON type.
type Claims map[string]any

// UnmarshalNode implements diag.Unmarshaler.
func (c *Claims) UnmarshalNode(n diag.Node) error {
	if !n.IsMapping() {
		return n.Errorf("want a mapping of claims")
	}
	text, err := jsonText(n)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber() // keeps every digit
	return decoder.Decode((*map[string]any)(c))
}

// mint makes the token that is shown, unless it is given.
func (b *Bearer) mint(now time.Time) error {
	switch {
	case !b.Token.IsZero() && (!b.Secret.IsZero() || b.Claims != nil):
		return fmt.Errorf(`a bearer has a "token", or a "secret" and "claims" to mint one`)
	case !b.Token.IsZero():
		b.shown = b.Token.Reveal()
		return nil
	case b.Secret.IsZero():
		return fmt.Errorf(`a bearer needs a "token", or a "secret" to mint one`)
	}
	claims := jwt.MapClaims{}
	maps.Copy(claims, b.Claims)
	for name, from := range map[string]*time.Duration{"exp": b.Expires, "nbf": b.NotBefore, "iat": b.IssuedAt} {
		if from != nil {
			claims[name] = now.Add(*from).Unix()
		}
	}
	var err error
	b.shown, err = jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(b.Secret.Reveal()))
	return err
}
