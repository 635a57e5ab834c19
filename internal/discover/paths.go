package discover

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// usualDocuments are where services show their OpenAPI document.
var usualDocuments = []string{"/openapi.json", "/swagger.json", "/v3/api-docs", "/openapi.yaml"}

// usualKnown are paths that many services answer, the front page first.
var usualKnown = []string{"/", "/health", "/healthz", "/-/healthy", "/version", "/actuator/health", "/status", "/ping"}

// maxPaths bounds the paths of one scenario.
const maxPaths = 6

// findPaths returns paths that the service answers, and how they were found.
func findPaths(ctx context.Context, s *sender, o Options) ([]Path, string, error) {
	if len(o.Paths) > 0 {
		var given []string
		for _, p := range o.Paths {
			given = append(given, "/"+strings.TrimPrefix(p, "/"))
		}
		if len(given) > maxPaths {
			return nil, "", fmt.Errorf("%w: %d paths; at most %d", ErrUsage, len(given), maxPaths)
		}
		paths, err := try(ctx, s, given, func(int) bool { return true })
		return paths, "given", err
	}
	known, from, err := described(ctx, s, o.OpenAPI)
	if err != nil {
		return nil, "", err
	}
	known = slices.DeleteFunc(known, func(path string) bool { // scrapes are not to be taken for requests
		return slices.Contains(usualPaths, path) || path == o.Metrics || s.origin+path == o.Metrics
	})
	paths, err := try(ctx, s, known[:min(len(known), maxPaths)], Good)
	if err != nil || len(paths) > 0 {
		return paths, from, err
	}
	paths, err = try(ctx, s, usualKnown[:1], Good)
	if err == nil && len(paths) == 0 {
		paths, err = try(ctx, s, usualKnown[1:], Good)
		paths = paths[:min(len(paths), 1)]
	}
	if err == nil && len(paths) == 0 {
		return nil, "", fmt.Errorf(
			"%w: %s answers none of %s with a status below 400; name a path with --path, or an OpenAPI document with --openapi",
			ErrUsage,
			s.origin,
			strings.Join(usualKnown, ", "),
		)
	}
	return paths, "guessed", err
}

// Good reports whether a status is none of an error.
func Good(status int) bool { return status < 400 }

// try asks for each path once, and keeps those that are answered with a status that will do.
func try(ctx context.Context, s *sender, paths []string, will func(status int) bool) ([]Path, error) {
	var found []Path
	for _, path := range paths {
		if _, err := url.ParseRequestURI(path); err != nil {
			return nil, fmt.Errorf("%w: --path %s: %w", ErrUsage, path, err)
		}
		a, err := s.get(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("%w: GET %s: %w", ErrUnreachable, path, err)
		}
		if will(a.status) {
			found = append(found, Path{path, a.status})
		}
	}
	return found, nil
}

// described returns the paths that an OpenAPI document has a GET for which needs nothing else.
func described(ctx context.Context, s *sender, given string) ([]string, string, error) {
	if given != "" {
		text, err := document(ctx, s, given)
		if err != nil {
			return nil, "", fmt.Errorf("%w: --openapi %s: %w", ErrUsage, given, err)
		}
		doc, err := openapi3.NewLoader().LoadFromData(text)
		if err != nil {
			return nil, "", fmt.Errorf("%w: --openapi %s: %w", ErrUsage, given, err)
		}
		return unparametrised(doc), given, nil
	}
	for _, path := range usualDocuments {
		a, err := s.get(ctx, path)
		if err != nil {
			return nil, "", fmt.Errorf("%w: GET %s: %w", ErrUnreachable, path, err)
		}
		if a.status != 200 {
			continue
		}
		if doc, err := openapi3.NewLoader().LoadFromData(a.body); err == nil && doc.Paths != nil {
			return unparametrised(doc), "OpenAPI document " + path, nil
		}
	}
	return nil, "", nil
}

func document(ctx context.Context, s *sender, given string) ([]byte, error) {
	if !isURL(given) {
		return os.ReadFile(given)
	}
	path, ours := strings.CutPrefix(given, s.origin)
	if !ours {
		return nil, fmt.Errorf("it is on another host; save it, and give the file")
	}
	a, err := s.get(ctx, path)
	if err == nil && a.status != 200 {
		err = fmt.Errorf("status %d", a.status)
	}
	return a.body, err
}

// unparametrised lists the paths, sorted, whose GET takes no parameter without an example, and no
// credential.
func unparametrised(doc *openapi3.T) []string {
	var found []string
	for path, item := range doc.Paths.Map() {
		op := item.Get
		if op == nil || op.Security != nil && len(*op.Security) > 0 || op.Security == nil && len(doc.Security) > 0 {
			continue
		}
		if filled, ok := fill(path, append(slices.Clone(item.Parameters), op.Parameters...)); ok {
			found = append(found, filled)
		}
	}
	slices.Sort(found)
	return found
}

// fill puts the examples of its required parameters into a path.
func fill(path string, parameters openapi3.Parameters) (string, bool) {
	query := url.Values{}
	for _, ref := range parameters {
		p := ref.Value
		if p == nil || !p.Required {
			continue
		}
		value := p.Example
		if value == nil && p.Schema != nil && p.Schema.Value != nil {
			if value = p.Schema.Value.Example; value == nil {
				value = p.Schema.Value.Default
			}
		}
		switch {
		case value == nil:
			return "", false
		case p.In == openapi3.ParameterInPath:
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(fmt.Sprint(value)))
		case p.In == openapi3.ParameterInQuery:
			query.Set(p.Name, fmt.Sprint(value))
		default:
			return "", false
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path, !strings.ContainsAny(path, "{}")
}
