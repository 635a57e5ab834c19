// Command write writes what is made from the code, from any directory of the module.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"brrtload/internal/gen"
)

func main() {
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write() error {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("find the module: %w", err)
	}
	if err := os.Chdir(strings.TrimSpace(string(root))); err != nil {
		return err
	}
	files, err := gen.Files()
	if err != nil {
		return err
	}
	for name, text := range files {
		if was, err := os.ReadFile(name); err == nil && bytes.Equal(was, text) {
			continue
		}
		fmt.Println("wrote", filepath.ToSlash(name))
		if err := os.WriteFile(name, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
