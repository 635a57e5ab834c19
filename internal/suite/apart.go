package suite

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"brrtload/internal/diag"
)

// apart refuses a scenario whose own words hold the text of one of its secrets: expressions, names
// of metrics, requests and stages, whatever the judging goes by. A secret is kept nowhere, so that
// the run would keep other words than it was judged by, and be judged again by those.
func (s *Suite) apart() error {
	secrets := s.Scenario.Secrets()
	if len(secrets) == 0 {
		return nil
	}
	var found diag.List
	look := func(what string, at diag.Position, words ...any) {
		if slices.ContainsFunc(words, func(word any) bool { return speaks(reflect.ValueOf(word), secrets) }) {
			found = append(found, diag.Diagnostic{Position: at, Message: fmt.Sprintf(
				"a secret of the scenario has a text that is also part of %s, and could not be kept out of reports without that: give the secret another value", what)})
		}
	}
	for _, a := range s.Assertions {
		about := a.About()
		look("what is asserted here", about.Position, about.ID, about.Query, about.Window, about.Metrics, a)
	}
	look("the scenario's name", diag.Position{File: s.Scenario.Source.Name}, s.Scenario.Name)
	for _, stage := range s.Scenario.Stages {
		look("this stage's name", stage.At, stage.Name, stage.Phase)
	}
	for _, request := range s.Scenario.Requests {
		look("this request's name", request.At, request.Name)
	}
	for name, credential := range s.Scenario.Credentials {
		look("this credential's name or failures", credential.At, name, credential.Fails)
	}
	if len(found) > 0 {
		return found.Err()
	}
	return s.readableWithout()
}

// readableWithout wants what a run keeps of the scenario to be one still: of a secret that is also
// a number or a key of it, nothing could be read again.
func (s *Suite) readableWithout() error {
	dir, err := os.MkdirTemp("", "brrtload-kept")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // nothing else can be done about it
	if err := s.Keep(dir); err != nil {
		return err
	}
	_, err = Open(dir)
	found := diag.List(nil).With(err)
	for i := range found {
		found[i] = diag.Diagnostic{Position: found[i].Position,
			Message: "a secret of the scenario has a text that also stands here, and without that this cannot be read again: give the secret another value"}
	}
	return found.Err()
}

// speaks reports whether any text in a value, at any depth, has one of the words in it. The reason
// for an assertion and its place decide nothing.
func speaks(v reflect.Value, words []string) bool {
	switch v.Kind() {
	case reflect.String:
		return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(v.String(), word) })
	case reflect.Pointer:
		return !v.IsNil() && speaks(v.Elem(), words)
	case reflect.Slice:
		for i := range v.Len() {
			if speaks(v.Index(i), words) {
				return true
			}
		}
	case reflect.Map:
		for entry := v.MapRange(); entry.Next(); {
			if speaks(entry.Key(), words) || speaks(entry.Value(), words) {
				return true
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if field.IsExported() && field.Name != "Why" && field.Type != reflect.TypeFor[diag.Position]() &&
				speaks(v.Field(i), words) {
				return true
			}
		}
	}
	return false
}
