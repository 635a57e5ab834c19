package router

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/spec"
)

func table(t testing.TB, routes ...string) *Router {
	t.Helper()
	var operations []spec.Operation
	for _, route := range routes {
		method, path, _ := strings.Cut(route, " ")
		operations = append(operations, spec.Operation{Handler: route, Method: method, Path: path})
	}
	r, err := New(operations)
	require.NoError(t, err)
	return r
}

func TestMatch(t *testing.T) {
	r := table(t, "GET /pets", "POST /pets", "GET /pets/mine", "GET /pets/{petId}", "GET /users/{userId}/posts/{postId}", "GET /a.b")
	for name, row := range map[string]struct {
		method, path, want string
		params             Params
	}{
		"a path":                       {"GET", "/pets", "GET /pets", Params{}},
		"another method":               {"POST", "/pets", "POST /pets", Params{}},
		"a literal before a parameter": {"GET", "/pets/mine", "GET /pets/mine", Params{}},
		"a parameter":                  {"GET", "/pets/7", "GET /pets/{petId}", Params{{"petId", "7"}}},
		"two parameters":               {"GET", "/users/1/posts/2", "GET /users/{userId}/posts/{postId}", Params{{"userId", "1"}, {"postId", "2"}}},
		"an encoded slash":             {"GET", "/pets/a%2Fb", "GET /pets/{petId}", Params{{"petId", "a/b"}}},
		"a dot is a dot":               {"GET", "/aXb", "", nil},
		"a slash at the end":           {"GET", "/pets/", "", nil},
		"a path that goes on":          {"GET", "/pets/7/8", "", nil},
		"a newline":                    {"GET", "/pets\n", "", nil},
		"nothing":                      {"GET", "", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := r.Match(row.method, row.path)
			if row.want == "" {
				require.ErrorIs(t, err, ErrNotFound)
				return
			}
			require.NoError(t, err)
			require.Equal(t, row.want, found.Operation.Handler)
			require.Equal(t, row.params, found.Params)
		})
	}
}

func TestMethodThatThePathLacks(t *testing.T) {
	r := table(t, "POST /pets", "GET /pets", "GET /pets/{petId}", "PUT /pets/{other}")
	_, err := r.Match("DELETE", "/pets")
	var method *MethodError
	require.ErrorAs(t, err, &method)
	require.Equal(t, []string{"GET", "POST"}, method.Allow)
	_, err = r.Match("DELETE", "/pets/1")
	require.ErrorAs(t, err, &method)
	require.Equal(t, []string{"GET", "PUT"}, method.Allow, "of every route that has the path")
}

func FuzzMatch(f *testing.F) {
	r := table(f, "GET /pets/{petId}", "GET /users/{userId}/posts/{postId}")
	f.Add("GET", "/pets/7")
	f.Add("PUT", "/users/%31/posts/%2f")
	f.Fuzz(func(t *testing.T, method, path string) {
		found, err := r.Match(method, path)
		var notAllowed *MethodError
		switch {
		case err == nil:
			for _, param := range found.Params {
				if param.Value == "" || found.Params.Get(param.Name) != param.Value {
					t.Fatalf("%q: parameter %q = %q", path, param.Name, param.Value)
				}
			}
			back := found.Operation.Path
			for _, param := range found.Params {
				back = strings.Replace(back, "{"+param.Name+"}", url.PathEscape(param.Value), 1)
			}
			if again, err := r.Match(method, back); err != nil || again.Operation != found.Operation {
				t.Fatalf("%q written back as %q gives %v", path, back, err)
			}
		case !errors.Is(err, ErrNotFound) && !errors.As(err, &notAllowed):
			t.Fatalf("%q: %v", path, err)
		}
	})
}

// BenchmarkMatch matches the last route of tables of several sizes.
func BenchmarkMatch(b *testing.B) {
	for _, size := range []int{1, 17, 100, 1000} {
		b.Run(fmt.Sprintf("routes=%d", size), func(b *testing.B) {
			var routes []string
			for n := range size {
				routes = append(routes, fmt.Sprintf("GET /resource%d/{id}", n))
			}
			r, path := table(b, routes...), fmt.Sprintf("/resource%d/7", size-1)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Match("GET", path); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
