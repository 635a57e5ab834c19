package scenarios

import (
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"brrtload/internal/diag"
)

// Request is a named kind of call. Method and path are given together ("get: /pets") or each by its
// name.
type Request struct {
	At          diag.Position        `yaml:",position"`
	Name        diag.Text            `yaml:"name"`        // names the request in reports and series; method and path by default
	Get         diag.Text            `yaml:"get"`         // GET this path; may be a template, as query, headers and body may
	Head        diag.Text            `yaml:"head"`        // HEAD this path
	Post        diag.Text            `yaml:"post"`        // POST to this path
	Put         diag.Text            `yaml:"put"`         // PUT to this path
	Patch       diag.Text            `yaml:"patch"`       // PATCH this path
	Delete      diag.Text            `yaml:"delete"`      // DELETE this path
	Method      diag.Text            `yaml:"method"`      // with path: any method; GET by default
	Path        diag.Text            `yaml:"path"`        // with method
	Query       map[string]diag.Text `yaml:"query"`       // parameters, which are escaped; none by default
	Headers     map[string]diag.Text `yaml:"headers"`     // header fields, besides that of the credential; none by default
	Body        diag.Text            `yaml:"body"`        // sent as it is; may be a template; none by default
	BodyFile    diag.Text            `yaml:"body_file"`   // beside the scenario
	JSON        diag.Node            `yaml:"json"`        // a body written as YAML and sent as JSON
	Targets     diag.Text            `yaml:"targets"`     // a file of vegeta targets, in place of method, path and body: each hit is one of them
	Weight      *float64             `yaml:"weight"`      // relative to the other requests; 1 by default
	Credential  diag.Text            `yaml:"credential"`  // the name of the credential that each hit shows; none by default
	Credentials []diag.Text          `yaml:"credentials"` // each hit shows one of them
	Expect      []Status             `yaml:"expect"`      // statuses that are no error; 200 to 399 by default
	Checks      []Check              `yaml:"checks"`      // what an answer with such a status must have; an answer that has it not is an error by the check's name

	Index int `yaml:"-"` // place in the scenario

	blueprints []blueprint // each hit is one of them
	hosts      []string    // that the file of targets names
	readsBody  bool        // a check looks at bodies
}

// Status is that of an HTTP answer.
type Status int

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Status) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 100 || n > 599 {
		return fmt.Errorf("no HTTP status: %q", text)
	}
	*s = Status(n)
	return nil
}

// Expects reports whether an answer of that status is what the scenario wants.
func (r *Request) Expects(status int) bool {
	if len(r.Expect) == 0 {
		return status >= 200 && status < 400
	}
	return slices.Contains(r.Expect, Status(status))
}

// share returns the request's weight.
func (r *Request) share() float64 {
	if r.Weight == nil {
		return 1
	}
	return *r.Weight
}

// shows names the credentials that the request's hits show, each hit one of them.
func (r *Request) shows() []string {
	if len(r.Credentials) == 0 {
		return []string{Anonymous}
	}
	names := make([]string, len(r.Credentials))
	for i, name := range r.Credentials {
		names[i] = name.Value
	}
	return names
}

// resolve settles the several ways of writing a request into one, and complains where they clash.
func (r *Request) resolve(s *Scenario, found *diag.List) {
	complain := func(d diag.Diagnostic) { *found = append(*found, d) }
	given := 0
	for _, short := range []struct {
		method string
		path   diag.Text
	}{
		{http.MethodGet, r.Get}, {http.MethodHead, r.Head}, {http.MethodPost, r.Post},
		{http.MethodPut, r.Put}, {http.MethodPatch, r.Patch}, {http.MethodDelete, r.Delete},
	} {
		if short.path.Value == "" {
			continue
		}
		if given++; given == 1 && r.Method.Value == "" {
			r.Method.Value, r.Path = short.method, short.path
		}
	}
	switch {
	case r.Targets.Value != "":
		if given > 0 || r.Path.Value != "" {
			complain(r.Targets.Errorf("targets bring their own methods and paths"))
		}
	case given > 1, given == 1 && r.Method.Position() != (diag.Position{}):
		complain(s.at(r.At, "a request has one method"))
	case r.Path.Value == "":
		complain(s.at(r.At, `missing method and path: "get: /path", or "method" and "path"`))
	case r.Method.Value == "":
		r.Method.Value = http.MethodGet
	}
	if r.Name.Value == "" && r.Targets.Value != "" {
		r.Name.Value = r.Targets.Value
	} else if r.Name.Value == "" {
		r.Name.Value = r.Method.Value + " " + r.Path.Value
	}
	if r.Method.Value != "" && !httpguts.ValidHeaderFieldName(r.Method.Value) {
		complain(r.Method.Errorf("not an HTTP method: %q", r.Method.Value))
	}
	if r.Path.Value != "" && r.Path.Value[0] != '/' {
		complain(r.Path.Errorf(`a path begins with "/"`))
	}
	for i := range r.Checks {
		r.Checks[i].resolve(s, r.Method.Value, found)
		r.readsBody = r.readsBody || r.Checks[i].readsBody()
	}
	if r.share() < 0 {
		complain(s.at(r.At, "weight must be 0 or more"))
	}
	if r.Credential.Value != "" {
		if len(r.Credentials) > 0 {
			complain(r.Credential.Errorf(`give "credential" or "credentials"`))
		}
		r.Credentials = []diag.Text{r.Credential}
	}
	for _, name := range r.Credentials {
		if _, known := s.Credentials[name.Value]; !known && name.Value != Anonymous {
			names := slices.Sorted(maps.Keys(s.Credentials))
			complain(name.Errorf("unknown credential %q%s", name.Value, diag.DidYouMean(name.Value, names)))
		}
	}
	r.draw(s, found)
}

// draw makes the blueprints from which the request's messages are rendered.
func (r *Request) draw(s *Scenario, found *diag.List) {
	if r.Targets.Value != "" {
		var err error
		if r.blueprints, r.hosts, err = readTargets(s.Files, r.Targets.Value); err != nil {
			*found = append(*found, r.Targets.Errorf("%v", err))
		}
		return
	}
	b := blueprint{method: r.Method.Value, path: parsed(r.Path, found)}
	for _, key := range slices.Sorted(maps.Keys(r.Query)) {
		b.query = append(b.query, part{url.QueryEscape(key), parsed(r.Query[key], found)})
	}
	for _, key := range slices.Sorted(maps.Keys(r.Headers)) {
		value := r.Headers[key]
		if !httpguts.ValidHeaderFieldName(key) || !httpguts.ValidHeaderFieldValue(value.Value) {
			*found = append(*found, value.Errorf("not a header field: %q", key))
		}
		b.header = append(b.header, part{key, parsed(value, found)})
	}
	b.body = r.body(s, found)
	typed := slices.ContainsFunc(b.header, func(p part) bool { return strings.EqualFold(p.name, "Content-Type") })
	if !r.JSON.IsZero() && !typed {
		b.header = append(b.header, part{"Content-Type", fixed("application/json")})
	}
	r.blueprints = []blueprint{b}
}

// body returns the body, however it is written.
func (r *Request) body(s *Scenario, found *diag.List) text {
	bodies := 0
	for _, given := range []bool{r.Body.Value != "", r.BodyFile.Value != "", !r.JSON.IsZero()} {
		if given {
			bodies++
		}
	}
	switch {
	case bodies > 1:
		*found = append(*found, s.at(r.At, `give one of "body", "body_file" and "json"`))
	case r.BodyFile.Value != "":
		content, err := fs.ReadFile(s.Files, r.BodyFile.Value)
		if err != nil {
			*found = append(*found, r.BodyFile.Errorf("%v", err))
		}
		return fixed(string(content))
	case !r.JSON.IsZero():
		content, err := jsonText(r.JSON)
		*found = found.With(err)
		return parsed(diag.Text{Value: content}, found)
	}
	return parsed(r.Body, found)
}
