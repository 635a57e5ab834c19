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

// readTargets reads a file of vegeta targets, in its JSON format when it is named so and in its
// HTTP format otherwise. Of their URLs the path and query are kept, as they are written: hits go to
// the scenario's target, whatever hosts the URLs name.
func readTargets(files fs.FS, name string) (found []blueprint, hosts []string, err error) {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, nil, err
	}
	// vegeta overlooks a last line without
	targeter := vegeta.NewJSONTargeter(bytes.NewReader(append(content, '\n')), nil, nil)
	if path.Ext(name) != ".json" && path.Ext(name) != ".ndjson" {
		if content, err = bodiless(content); err != nil {
			return nil, nil, err
		}
		targeter = vegeta.NewHTTPTargeter(bytes.NewReader(content), nil, nil)
	}
	for {
		var t vegeta.Target
		if err := targeter(&t); errors.Is(err, vegeta.ErrNoTargets) {
			break
		} else if err != nil {
			return nil, nil, fmt.Errorf("target %d: %w", len(found)+1, err)
		}
		if named := t.Header[bodyFile]; len(named) > 0 {
			delete(t.Header, bodyFile)
			if t.Body, err = fs.ReadFile(files, besides(name, named[0])); err != nil {
				return nil, nil, fmt.Errorf("target %d: body %s: %w", len(found)+1, named[0], reason(err))
			}
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

// otherHosts warns of files of targets that name another host than the scenario's target.
func (s *Scenario) otherHosts() diag.List {
	var found diag.List
	target, err := url.Parse(s.Target.URL.Value)
	if err != nil || target.Host == "" {
		return nil
	}
	for i := range s.Requests {
		r := &s.Requests[i]
		others := slices.DeleteFunc(slices.Clone(r.hosts), func(host string) bool { return host == target.Host })
		if len(others) > 0 {
			found = append(found, r.Targets.Errorf("the targets name %s; hits go to the scenario's target, %s",
				some(others), target.Host))
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

// bodyFile stands for vegeta's "@file" in a target's header. vegeta would open the file itself, in
// the working directory, and the run would not have it.
const bodyFile = "Brrtload-Body-File"

// maxTargetLine is the longest line that vegeta reads; at a longer one it ends without a word.
const maxTargetLine = 64<<10 - 1

// bodiless writes every "@file" of targets as a header field. A line "@file" ends its target.
func bodiless(content []byte) ([]byte, error) {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	var out bytes.Buffer
	n := 0
	for line := range bytes.Lines(content) {
		n++
		line = bytes.TrimRight(line, "\r\n")
		if len(line) >= maxTargetLine {
			return nil, fmt.Errorf("line %d is longer than %d bytes; put a body into a file: @body.json", n,
				maxTargetLine)
		}
		if file, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("@")); ok {
			line = fmt.Appendf(nil, "%s: %s\n", bodyFile, file)
		}
		out.Write(append(line, '\n'))
	}
	return out.Bytes(), nil
}

// besides returns the name of a file beside another one.
func besides(name, file string) string {
	if path.IsAbs(file) {
		return file
	}
	return path.Join(path.Dir(name), file)
}
