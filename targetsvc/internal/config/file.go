package config

import (
	"errors"
	"fmt"
	"os"

	"go.yaml.in/yaml/v4"
)

// FromFile lays a YAML file over c. Unknown and repeated keys and wrong types are errors, each with
// its place.
func FromFile(c *Config, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	return fromText(c, path, text)
}

func fromText(c *Config, name string, text []byte) error {
	err := yaml.Load(text, c, yaml.WithKnownFields())
	var several *yaml.LoadErrors
	if errors.As(err, &several) {
		var errs []error
		for _, one := range several.Errors {
			errs = append(errs, placed(name, one))
		}
		return errors.Join(errs...)
	}
	var one *yaml.LoadError
	if errors.As(err, &one) {
		return placed(name, one)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func placed(name string, e *yaml.LoadError) error {
	return fmt.Errorf("%s:%d:%d: %s", name, e.Mark.Line, e.Mark.Column, e.Message)
}
