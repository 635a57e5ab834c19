package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"

	"brrtload/internal/diag"
)

// knownFaults refuses a fault that the bundled service at this path does not have, with the nearest
// that it has.
func knownFaults(service string, faults map[string]string) error {
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
	for _, name := range slices.Sorted(maps.Keys(faults)) {
		if !slices.Contains(known, name) {
			return usage(
				fmt.Errorf(
					"the bundled service has no fault %q%s (`targetsvc --list-faults` lists them)",
					name,
					diag.DidYouMean(name, known),
				),
			)
		}
	}
	return faultValues(service, faults)
}

// faultValues has the bundled service check what each fault is given.
func faultValues(service string, faults map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(faults)) {
		setting := name + "=" + faults[name]
		if faults[name] == "" {
			setting = name
		}
		if err := acceptedBy(service, "--fault", setting); err != nil {
			return err
		}
	}
	return nil
}

// acceptedBy has the bundled service check arguments, without starting it.
func acceptedBy(service string, args ...string) error {
	var said bytes.Buffer
	check := exec.Command(service, append([]string{"--list-faults"}, args...)...)
	check.Stderr = &said
	var exit *exec.ExitError
	switch err := check.Run(); {
	case errors.As(err, &exit):
		lines := strings.Split(strings.TrimSpace(diag.Printable(said.String())), "\n")
		return usage(fmt.Errorf("%s: %s", strings.Join(args, " "), lines[len(lines)-1]))
	case err != nil:
		return fmt.Errorf("%s --list-faults: %w", service, err)
	}
	return nil
}
