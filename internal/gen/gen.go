// Package gen makes what is written from the code: schemas of files, and tables of the documentation.
//
// In go the types that files are decoded into, with their comments, and the Go tables that drive the
// tests; out come files. `make generate` writes them, and a test compares.
package gen

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

//go:generate go run ./write

// Files returns every generated file, by its path from the root of the repository, which must be the
// working directory.
func Files() (map[string][]byte, error) {
	comments, err := comments()
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, k := range Kinds {
		text, err := schemaOf(k, comments)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.File, err)
		}
		files[k.File] = text
	}
	if files[resultFile], err = resultSchema(comments); err != nil {
		return nil, fmt.Errorf("%s: %w", resultFile, err)
	}
	for _, p := range pages {
		text, err := p.filled(comments)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.file, err)
		}
		files[p.file] = text
	}
	return files, nil
}

// Marks of what is generated on a page.
const (
	begin = "<!-- generated: make generate -->\n"
	end   = "<!-- end -->\n"
)

// page is a page of the documentation with generated parts between marks, in order.
type page struct {
	file  string
	parts func(comments map[string]string) ([]string, error)
}

// filled returns the page with its parts as they are now.
func (p page) filled(comments map[string]string) ([]byte, error) {
	text, err := os.ReadFile(p.file)
	if err != nil {
		return nil, err
	}
	parts, err := p.parts(comments)
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	rest := string(text)
	for _, part := range parts {
		before, after, found := strings.Cut(rest, begin)
		_, after, ended := strings.Cut(after, end)
		if !found || !ended {
			return nil, fmt.Errorf("%d parts are generated; want as many pairs of %q and %q", len(parts), begin, end)
		}
		out.WriteString(before + begin + part + end)
		rest = after
	}
	if strings.Contains(rest, begin) {
		return nil, errors.New("more is marked as generated than is")
	}
	return []byte(out.String() + rest), nil
}
