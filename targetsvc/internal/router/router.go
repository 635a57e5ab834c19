// Package router resolves a method and a path to an operation.
//
// Each route is one compiled regular expression, and routes are tried in order, so that matching is
// real work that grows with the table. In goes what package spec read; out comes the operation and
// its path parameters, or why there is none.
package router

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"brrtload/targetsvc/internal/spec"
)

// ErrNotFound says that no route has the path.
var ErrNotFound = errors.New("no such path")

// MethodError says that the path has routes, but none for the method. Allow lists the methods there
// are, sorted.
type MethodError struct{ Allow []string }

// Error names the methods there are.
func (e *MethodError) Error() string {
	return "method not allowed; the path has " + strings.Join(e.Allow, ", ")
}

// Match is a route found.
type Match struct {
	Operation *spec.Operation
	Params    Params
}

// Params are the path parameters of a request, in the order of the path.
type Params []Param

// Param is one path parameter, percent-decoded.
type Param struct{ Name, Value string }

// Get returns the value of a parameter, or "" when the route has none of that name.
func (p Params) Get(name string) string {
	for _, param := range p {
		if param.Name == name {
			return param.Value
		}
	}
	return ""
}

// Router is an immutable table of routes, safe for concurrent use.
type Router struct{ routes []route }

type route struct {
	operation *spec.Operation
	pattern   *regexp.Regexp
	params    []string
}

// New compiles a route an operation. The operations must not change afterwards.
func New(operations []spec.Operation) (*Router, error) {
	r := &Router{}
	for i := range operations {
		pattern, params, err := compile(operations[i].Path)
		if err != nil {
			return nil, fmt.Errorf("compile the route of %s: %w", operations[i].Handler, err)
		}
		r.routes = append(r.routes, route{&operations[i], pattern, params})
	}
	return r, nil
}

var parameter = regexp.MustCompile(`\{([^{}/]+)\}`)

// compile turns /pets/{petId} into ^/pets/([^/]+)$ and [petId].
func compile(path string) (*regexp.Regexp, []string, error) {
	var expression strings.Builder
	var params []string
	expression.WriteString("^")
	rest := 0
	for _, at := range parameter.FindAllStringSubmatchIndex(path, -1) {
		expression.WriteString(regexp.QuoteMeta(path[rest:at[0]]))
		expression.WriteString("([^/]+)")
		params = append(params, path[at[2]:at[3]])
		rest = at[1]
	}
	expression.WriteString(regexp.QuoteMeta(path[rest:]))
	expression.WriteString("$")
	pattern, err := regexp.Compile(expression.String())
	return pattern, params, err
}

// Len is the number of routes.
func (r *Router) Len() int { return len(r.routes) }

// Match resolves a method and an escaped path. The error is [ErrNotFound] or a [*MethodError].
func (r *Router) Match(method, escapedPath string) (Match, error) {
	var allow []string
	for i := range r.routes {
		found := r.routes[i].pattern.FindStringSubmatchIndex(escapedPath)
		if found == nil {
			continue
		}
		if r.routes[i].operation.Method != method {
			allow = append(allow, r.routes[i].operation.Method)
			continue
		}
		params, err := r.routes[i].read(escapedPath, found)
		if err != nil {
			return Match{}, ErrNotFound
		}
		return Match{r.routes[i].operation, params}, nil
	}
	if allow != nil {
		slices.Sort(allow)
		return Match{}, &MethodError{slices.Compact(allow)}
	}
	return Match{}, ErrNotFound
}

func (r *route) read(path string, found []int) (Params, error) {
	params := make(Params, len(r.params))
	for i, name := range r.params {
		value, err := url.PathUnescape(path[found[2*i+2]:found[2*i+3]])
		if err != nil {
			return nil, err
		}
		params[i] = Param{name, value}
	}
	return params, nil
}
