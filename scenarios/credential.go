package scenarios

import (
	"encoding/base64"
	"fmt"
	"time"

	"brrtload/internal/diag"
)

// Anonymous names the credential of a hit that shows none.
const Anonymous = "none"

// Credential is what a hit shows to the target, good or deliberately bad. The zero value shows
// nothing.
type Credential struct {
	At     diag.Position `yaml:",position"`
	APIKey *APIKey       `yaml:"api_key"` // a key in a header field
	Bearer *Bearer       `yaml:"bearer"`  // a token in the Authorization field
	Basic  *Basic        `yaml:"basic"`   // HTTP basic authentication
	Fails  []AuthFailure `yaml:"fails"`   // failures that the target must count for each hit with this credential; none by default, as for a good one
}

// APIKey is a key in a header.
type APIKey struct {
	Header string `yaml:"header,required"` // the name of the header field
	Value  Secret `yaml:"value,required"`  // the key: a text, {env: NAME} or {file: PATH}
}

// Basic is a user name and password by HTTP basic authentication.
type Basic struct {
	Username string `yaml:"username"` // sent as it is
	Password Secret `yaml:"password"` // a text, {env: NAME} or {file: PATH}
}

// AuthFailure is one failure that a provider of the target counts.
type AuthFailure struct {
	Provider string `yaml:"provider,required"` // the label of the provider that refuses it
	Reason   string `yaml:"reason,required"`   // the reason that it counts
}

// field returns the header field that shows the credential, and false when there is none.
func (c Credential) field() (Field, bool) {
	switch {
	case c.APIKey != nil:
		return Field{c.APIKey.Header, c.APIKey.Value.Reveal()}, true
	case c.Bearer != nil:
		return Field{"Authorization", "Bearer " + c.Bearer.shown}, true
	case c.Basic != nil:
		return Field{"Authorization", "Basic " + c.Basic.encoded()}, true
	default:
		return Field{}, false
	}
}

func (b Basic) encoded() string {
	return base64.StdEncoding.EncodeToString([]byte(b.Username + ":" + b.Password.Reveal()))
}

// secrets lists those that the credential is made of.
func (c Credential) secrets() []*Secret {
	var secrets []*Secret
	if c.APIKey != nil {
		secrets = append(secrets, &c.APIKey.Value)
	}
	if c.Bearer != nil {
		secrets = append(secrets, &c.Bearer.Token, &c.Bearer.Secret)
	}
	if c.Basic != nil {
		secrets = append(secrets, &c.Basic.Password)
	}
	return secrets
}

// resolve makes what the credential shows, and complains about one that is several kinds at once.
func (c *Credential) resolve(now time.Time) error {
	kinds := 0
	for _, given := range []bool{c.APIKey != nil, c.Bearer != nil, c.Basic != nil} {
		if given {
			kinds++
		}
	}
	if kinds > 1 {
		return fmt.Errorf(`a credential is one of "api_key", "bearer" and "basic"`)
	}
	if c.Bearer != nil {
		return c.Bearer.mint(now)
	}
	return nil
}
