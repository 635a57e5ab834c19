package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Names of environment variables.
const (
	envStackSize    = "BRRTR_STACK_SIZE"
	envStackOf      = "BRRTR_STACK_SIZE__" // and the handler's name
	envStackMin     = "BRRTR_STACK_MIN_BYTES"
	envStackMax     = "BRRTR_STACK_MAX_BYTES"
	envAPIKey       = "BRRTR_API_KEY"
	envBearerSecret = "BRRTR_BEARER_SECRET"
	envRemoteURL    = "BRRTR_REMOTE_URL"
)

// FromEnvironment lays variables, as os.Environ gives them, over c. Sizes are decimal or 0x hex.
func FromEnvironment(c *Config, environment []string) error {
	var errs []error
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		switch {
		case name == envStackSize:
			errs = append(errs, size(&c.StackSize, name, value))
		case name == envStackMin:
			errs = append(errs, size(&c.StackMin, name, value))
		case name == envStackMax:
			errs = append(errs, size(&c.StackMax, name, value))
		case name == envAPIKey:
			c.APIKey = Secret(value)
		case name == envBearerSecret:
			c.BearerSecret = Secret(value)
		case name == envRemoteURL:
			c.RemoteURL = value
		case strings.HasPrefix(name, envStackOf):
			var bytes int
			errs = append(errs, size(&bytes, name, value))
			if c.StackOverride == nil {
				c.StackOverride = map[string]int{}
			}
			c.StackOverride[strings.ToLower(name[len(envStackOf):])] = bytes
		}
	}
	return errors.Join(errs...)
}

func size(to *int, name, value string) error {
	n, err := strconv.ParseInt(value, 0, 32)
	if err != nil || n <= 0 {
		return fmt.Errorf("%s: want a number of bytes, decimal or 0x hex, got %q", name, value)
	}
	*to = int(n)
	return nil
}
