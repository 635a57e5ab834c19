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
	"strings"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"brrtload/internal/diag"
)

// readTargets reads a file of vegeta targets, in its JSON format when it is named so and in its HTTP format otherwise. Of
// their URLs the path and query are kept, as they are written: hits go to the scenario's target, whatever hosts the URLs name.
func readTargets(files fs.FS, name string) (found []blueprint, hosts []string, err error) {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, nil, err
	}
	content = append(content, '\n') // vegeta overlooks a last line without
	targeter := vegeta.NewHTTPTargeter(bytes.NewReader(content), nil, nil)
	if path.Ext(name) == ".json" || path.Ext(name) == ".ndjson" {
		targeter = vegeta.NewJSONTargeter(bytes.NewReader(content), nil, nil)
	}
	for {
		var t vegeta.Target
		if err := targeter(&t); errors.Is(err, vegeta.ErrNoTargets) {
			break
		} else if err != nil {
			return nil, nil, fmt.Errorf("target %d: %w", len(found)+1, err)
		}
		u, err := url.Parse(t.URL)
		if err != nil || u.Host == "" {
			return nil, nil, fmt.Errorf("target %d: want an absolute URL, got %q", len(found)+1, t.URL)
		}
		b := blueprint{method: t.Method, path: fixed(requestTarget(t.URL)), body: fixed(string(t.Body))}
		hosts = append(hosts, u.Host)
		for _, key := range slices.Sorted(maps.Keys(t.Header)) {
			for _, value := range t.Header[key] {
				b.header = append(b.header, part{key, fixed(value)})
			}
		}
		found = append(found, b)
	}
	if len(found) == 0 {
		return nil, nil, vegeta.ErrNoTargets
	}
	slices.Sort(hosts)
	return found, slices.Compact(hosts), nil
}

// requestTarget returns what follows the host in an absolute URL.
func requestTarget(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	i := strings.IndexAny(rest, "/?#")
	switch {
	case i < 0:
		return "/"
	case rest[i] != '/':
		return "/" + rest[i:]
	}
	return rest[i:]
}

// Warnings returns what is probably not meant: files of targets that name another host than the scenario's target.
func (s *Scenario) Warnings() diag.List {
	var found diag.List
	target, err := url.Parse(s.Target.URL.Value)
	if err != nil || target.Host == "" {
		return nil
	}
	for i := range s.Requests {
		r := &s.Requests[i]
		others := slices.DeleteFunc(slices.Clone(r.hosts), func(host string) bool { return host == target.Host })
		if len(others) > 0 {
			found = append(found, r.Targets.Errorf("the targets name %s; hits go to the scenario's target, %s", some(others), target.Host))
		}
	}
	return found
}

// some names the first few of a list.
func some(names []string) string {
	const most = 3
	if len(names) > most {
		return fmt.Sprintf("%s and %d more hosts", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
