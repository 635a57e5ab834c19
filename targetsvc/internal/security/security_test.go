package security

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/spec"
)

func validate(p Provider, header, value string, scopes ...string) string {
	r := httptest.NewRequest("GET", "/", nil)
	if value != "" {
		r.Header.Set(header, value)
	}
	return p.Validate(context.Background(), r, scopes).Label()
}

func TestAPIKey(t *testing.T) {
	p := NewAPIKey("X-Api-Key", "secret")
	require.Equal(t, "", validate(p, "X-Api-Key", "secret"))
	require.Equal(t, MissingCredentials, validate(p, "X-Api-Key", ""))
	require.Equal(t, MissingCredentials, validate(p, "X-Other", "secret"))
	for _, wrong := range []string{"Secret", "secret ", "secre", "secrets"} {
		require.Equal(t, InvalidCredentials, validate(p, "X-Api-Key", wrong), wrong)
	}
}

func TestBearer(t *testing.T) {
	keys := BearerKeys{"a-secret-of-at-least-32-bytes-long", "issuer", "audience"}
	p := NewBearer(keys)
	good := func() jwt.MapClaims {
		return jwt.MapClaims{"iss": "issuer", "aud": "audience", "scope": "read write", "exp": time.Now().Add(time.Hour).Unix()}
	}
	sign := func(method jwt.SigningMethod, secret any, change func(jwt.MapClaims)) string {
		claims := good()
		if change != nil {
			change(claims)
		}
		token, err := jwt.NewWithClaims(method, claims).SignedString(secret)
		require.NoError(t, err)
		return token
	}
	secret := []byte(keys.Secret)
	with := func(name string, value any) func(jwt.MapClaims) {
		return func(c jwt.MapClaims) {
			if value == nil {
				delete(c, name)
				return
			}
			c[name] = value
		}
	}
	hs256 := jwt.SigningMethodHS256
	for name, row := range map[string]struct {
		authorization string
		want          string
	}{
		"good":                       {"Bearer " + sign(hs256, secret, nil), ""},
		"the scheme in lower case":   {"bearer " + sign(hs256, secret, nil), ""},
		"several audiences":          {"Bearer " + sign(hs256, secret, with("aud", []string{"other", "audience"})), ""},
		"none":                       {"", MissingCredentials},
		"another scheme":             {"Basic eDp5", MissingCredentials},
		"no token":                   {"Bearer", InvalidCredentials},
		"no JWT":                     {"Bearer abc", InvalidCredentials},
		"another secret":             {"Bearer " + sign(hs256, []byte("other"), nil), InvalidCredentials},
		"expired":                    {"Bearer " + sign(hs256, secret, with("exp", 1)), Expired},
		"expired, of another secret": {"Bearer " + sign(hs256, []byte("other"), with("exp", 1)), InvalidCredentials},
		"never expiring":             {"Bearer " + sign(hs256, secret, with("exp", nil)), InvalidCredentials},
		"not yet valid":              {"Bearer " + sign(hs256, secret, with("nbf", time.Now().Add(time.Hour).Unix())), NotYetValid},
		"another issuer":             {"Bearer " + sign(hs256, secret, with("iss", "x")), InvalidCredentials},
		"no issuer":                  {"Bearer " + sign(hs256, secret, with("iss", nil)), InvalidCredentials},
		"another audience":           {"Bearer " + sign(hs256, secret, with("aud", "x")), InvalidCredentials},
		"a scope less":               {"Bearer " + sign(hs256, secret, with("scope", "write")), InsufficientScope},
		"a scope that contains it":   {"Bearer " + sign(hs256, secret, with("scope", "reader")), InsufficientScope},
		"another algorithm":          {"Bearer " + sign(jwt.SigningMethodHS512, secret, nil), InvalidCredentials},
		"no signature":               {"Bearer " + sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil), InvalidCredentials},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, row.want, validate(p, "Authorization", row.authorization, "read"))
		})
	}
}

func TestRemoteAsksAndRemembers(t *testing.T) {
	var asked atomic.Int64
	status := map[string]int{"good": 200, "weak": 403, "bad": 401, "broken": 500}
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.WriteHeader(status[r.Header.Get(VerifyHeader)])
	}))
	defer service.Close()
	p := NewRemote("X-Key", RemoteKeys{service.URL, time.Minute, time.Hour})
	for range 3 {
		require.Equal(t, "", validate(p, "X-Key", "good"))
		require.Equal(t, InsufficientScope, validate(p, "X-Key", "weak"))
		require.Equal(t, InvalidCredentials, validate(p, "X-Key", "bad"))
	}
	require.EqualValues(t, 3, asked.Load(), "each key once")
	require.Equal(t, MissingCredentials, validate(p, "X-Key", ""))
	for range 2 {
		require.Equal(t, ProviderUnavailable, validate(p, "X-Key", "broken"))
	}
	require.EqualValues(t, 5, asked.Load(), "an answer that is none is not kept")
}

func TestRemoteThatDoesNotAnswer(t *testing.T) {
	release := make(chan struct{})
	service := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer service.Close()
	defer close(release)
	p := NewRemote("X-Key", RemoteKeys{service.URL, time.Millisecond, 0})
	require.Equal(t, ProviderUnavailable, validate(p, "X-Key", "good"))

	gone := NewRemote("X-Key", RemoteKeys{"http://127.0.0.1:1/", time.Minute, 0})
	require.Equal(t, ProviderUnavailable, validate(gone, "X-Key", "good"))
}

func TestRemoteCacheIsBounded(t *testing.T) {
	p := NewRemote("X-Key", RemoteKeys{Cache: time.Hour})
	for n := range 3 * maxVerdicts {
		p.keep([32]byte{byte(n), byte(n >> 8), byte(n >> 16)}, nil)
		require.LessOrEqual(t, len(p.verdicts), maxVerdicts)
	}
}

func TestStatusOfARefusal(t *testing.T) {
	for reason, want := range map[string]int{MissingCredentials: 401, InvalidCredentials: 401, Expired: 401, NotYetValid: 401,
		InsufficientScope: 403, ProviderUnavailable: 502} {
		require.Equal(t, want, (&Refusal{Reason: reason}).Status(), reason)
	}
}

func TestEveryReasonIsDeclaredForItsKind(t *testing.T) {
	require.Subset(t, Reasons(spec.Bearer), []string{MissingCredentials, InvalidCredentials, Expired, NotYetValid, InsufficientScope})
	require.Subset(t, Reasons(spec.APIKey), []string{MissingCredentials, InvalidCredentials, ProviderUnavailable})
	require.Subset(t, Reasons(spec.Remote), []string{MissingCredentials, InvalidCredentials, InsufficientScope, ProviderUnavailable})
}

func BenchmarkProviders(b *testing.B) {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iss": "i", "aud": "a", "exp": time.Now().Add(time.Hour).Unix()}).
		SignedString([]byte("secret"))
	if err != nil {
		b.Fatal(err)
	}
	for name, row := range map[string]struct {
		p             Provider
		header, value string
	}{
		"apikey": {NewAPIKey("X-Key", "key"), "X-Key", "key"},
		"bearer": {NewBearer(BearerKeys{"secret", "i", "a"}), "Authorization", "Bearer " + token},
	} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set(row.header, row.value)
			b.ReportAllocs()
			for b.Loop() {
				if refusal := row.p.Validate(b.Context(), r, nil); refusal != nil {
					b.Fatal(refusal.Reason)
				}
			}
		})
	}
}
