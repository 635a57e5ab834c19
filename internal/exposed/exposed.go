// Package exposed reads expositions once: of endpoints, of files and of kept runs.
//
// In go URLs and paths; out come the families that are exposed there. A run reads its endpoints by
// package scrape, again and again.
package exposed

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"brrtload/internal/diag"
	"brrtload/internal/evidence"
	"brrtload/internal/facts"
	"brrtload/internal/files"
	"brrtload/internal/kept"
	"brrtload/internal/scrape"
)

// Unreachable is an error of an endpoint that could not be read.
type Unreachable struct{ Err error }

// Error implements error.
func (u Unreachable) Error() string { return u.Err.Error() }

// Unwrap returns the reason.
func (u Unreachable) Unwrap() error { return u.Err }

// At returns the families of all targets, each read once. The error is an [Unreachable] where one
// could not be read.
func At(ctx context.Context, targets []scrape.Target) ([]facts.Family, error) {
	var families []facts.Family
	err := inStore(func(store *evidence.Store) error {
		at := time.Now()
		for _, target := range targets {
			if err := endpoint(ctx, store, target, at); err != nil {
				return err
			}
		}
		families = store.Families(facts.Window{Name: "now", Start: at, End: at})
		return nil
	})
	return families, err
}

// In returns the families of all expositions together, as if one endpoint had answered with one
// after the other. A source is a URL, a file with an exposition, or a run directory, of which all
// scrapes count. The error is an [Unreachable] or a [diag.Mistake].
func In(ctx context.Context, sources []string) ([]facts.Family, error) {
	var families []facts.Family
	err := inStore(func(store *evidence.Store) error {
		for _, source := range sources {
			if !kept.IsRun(source) {
				continue
			}
			more, err := run(source)
			if err != nil {
				return err
			}
			families = append(families, more...)
		}
		others := slices.DeleteFunc(slices.Clone(sources), kept.IsRun)
		if len(others) == 0 {
			return nil
		}
		at := time.Now()
		w := facts.Window{Name: "all", Start: at, End: at.Add(time.Duration(len(others)) * time.Second)}
		for i, source := range others {
			if err := take(ctx, store, source, at.Add(time.Duration(i+1)*time.Second)); err != nil {
				return err
			}
		}
		families = append(families, store.Families(w)...)
		return nil
	})
	return families, err
}

// inStore gives a function a store, none of which is kept.
func inStore(do func(*evidence.Store) error) error {
	dir, err := os.MkdirTemp("", "brrtload-exposed")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // nothing else can be done about it
	store, err := evidence.Create(dir)
	if err != nil {
		return err
	}
	defer store.Close() //nolint:errcheck // nothing of it is kept
	return do(store)
}

// run returns the families of all scrapes of a kept run that a contract would be held to.
func run(dir string) ([]facts.Family, error) {
	store, err := evidence.Open(dir)
	if err != nil {
		return nil, diag.Mistake{Err: err}
	}
	defer store.Close() //nolint:errcheck // it was only read
	w, ok := store.Window(facts.Run)
	if !ok {
		return nil, diag.Mistakef("%s: the run has no complete window; use its scrapes: brrtload contract %s", dir,
			filepath.Join(dir, "scrapes", "*"))
	}
	return store.Families(w), nil
}

// endpoint reads one endpoint into the store.
func endpoint(ctx context.Context, store *evidence.Store, target scrape.Target, at time.Time) error {
	e, err := scrape.New(target, store)
	if err != nil {
		return diag.Mistake{Err: err}
	}
	defer e.Close()
	batch := store.At(at)
	if _, err := e.Scrape(ctx, at, batch); err != nil {
		return Unreachable{err}
	}
	return batch.Commit()
}

// take reads one exposition, of a URL or a file, into the store.
func take(ctx context.Context, store *evidence.Store, source string, at time.Time) error {
	if strings.HasPrefix(source, "http://") || strings.HasPrefix(source, "https://") {
		return endpoint(ctx, store, scrape.Target{Name: "target", URL: source}, at)
	}
	e, err := scrape.New(scrape.Target{Name: "target", URL: "http://file.invalid/"}, store) // nothing is sent there
	if err != nil {
		return err
	}
	defer e.Close()
	body, err := fs.ReadFile(files.OS{}, source)
	if err != nil {
		return diag.Mistake{Err: err}
	}
	batch := store.At(at)
	if _, err := e.Read(at, body, formatOf(source, body), batch); err != nil {
		return diag.Mistake{Err: fmt.Errorf("%s: %w", source, cmp.Or(errors.Unwrap(err), err))}
	}
	return batch.Commit()
}

// formatOf returns the content type of an exposition in a file.
func formatOf(name string, body []byte) string {
	switch {
	case filepath.Ext(name) == ".pb":
		return "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
	case filepath.Ext(name) == ".om", bytes.HasSuffix(bytes.TrimSpace(body), []byte("# EOF")):
		return "application/openmetrics-text; version=1.0.0"
	}
	return "text/plain; version=0.0.4"
}
