// Package bundled knows the programs that are installed beside brrtload, and asks the bundled
// service what it takes.
package bundled

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"brrtload/internal/diag"
)

// The bundled service, with all of its telemetry and with none.
const (
	Service = "targetsvc"
	Bare    = "targetsvc-bare"
)

// Sibling returns the path of a program that is installed beside this one. The error is a
// [diag.Mistake] where it is not there.
func Sibling(name string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find %s: %w", name, err)
	}
	if self, err = filepath.EvalSymlinks(self); err != nil {
		return "", fmt.Errorf("find %s: %w", name, err)
	}
	path := filepath.Join(filepath.Dir(self), name)
	if _, err := os.Stat(path); err != nil {
		return "", diag.Mistakef("the bundled service is not beside brrtload: %w (`make` builds both)", err)
	}
	return path, nil
}

// Check has the service at a path check faults, by name and setting. The error is a [diag.Mistake]
// that names the nearest fault which it has.
func Check(service string, faults map[string]string) error {
	if len(faults) == 0 {
		return nil
	}
	listed, err := exec.Command(service, "--list-faults").Output()
	if err != nil {
		return fmt.Errorf("%s --list-faults: %w", service, err)
	}
	var known []string
	for line := range strings.Lines(string(listed)) {
		name, _, _ := strings.Cut(line, "=")
		known = append(known, strings.TrimSpace(name))
	}
	names := slices.Sorted(maps.Keys(faults))
	for _, name := range names {
		if !slices.Contains(known, name) {
			return diag.Mistakef("the bundled service has no fault %q%s (`targetsvc --list-faults` lists them)", name,
				diag.DidYouMean(name, known))
		}
	}
	for _, name := range names {
		setting := name + "=" + faults[name]
		if faults[name] == "" {
			setting = name
		}
		if err := Accepts(service, "--fault", setting); err != nil {
			return err
		}
	}
	return nil
}

// Accepts has the service at a path check arguments, without starting it. The error is a
// [diag.Mistake] where it refuses them.
func Accepts(service string, args ...string) error {
	var said bytes.Buffer
	check := exec.Command(service, append([]string{"--list-faults"}, args...)...)
	check.Stderr = &said
	var exit *exec.ExitError
	switch err := check.Run(); {
	case errors.As(err, &exit):
		lines := strings.Split(strings.TrimSpace(diag.Printable(said.String())), "\n")
		return diag.Mistakef("%s: %s", strings.Join(args, " "), lines[len(lines)-1])
	case err != nil:
		return fmt.Errorf("%s --list-faults: %w", service, err)
	}
	return nil
}
