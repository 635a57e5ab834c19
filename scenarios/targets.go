package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"slices"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// readTargets reads a file of vegeta targets, in its JSON format when it is named so and in its HTTP format otherwise. Of
// their URLs the path and query are kept: hits go to the scenario's target.
func readTargets(files fs.FS, name string) ([]blueprint, error) {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	content = append(content, '\n') // vegeta overlooks a last line without
	targeter := vegeta.NewHTTPTargeter(bytes.NewReader(content), nil, nil)
	if path.Ext(name) == ".json" || path.Ext(name) == ".ndjson" {
		targeter = vegeta.NewJSONTargeter(bytes.NewReader(content), nil, nil)
	}
	var found []blueprint
	for {
		var t vegeta.Target
		if err := targeter(&t); errors.Is(err, vegeta.ErrNoTargets) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("target %d: %w", len(found)+1, err)
		}
		u, err := url.Parse(t.URL)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("target %d: want an absolute URL, got %q", len(found)+1, t.URL)
		}
		u.Scheme, u.Host, u.User, u.Fragment = "", "", nil, ""
		b := blueprint{method: t.Method, path: fixed(u.String()), body: fixed(string(t.Body))}
		if u.Path == "" {
			b.path = fixed("/" + u.String())
		}
		for _, key := range slices.Sorted(maps.Keys(t.Header)) {
			for _, value := range t.Header[key] {
				b.header = append(b.header, part{key, fixed(value)})
			}
		}
		found = append(found, b)
	}
	if len(found) == 0 {
		return nil, vegeta.ErrNoTargets
	}
	return found, nil
}
