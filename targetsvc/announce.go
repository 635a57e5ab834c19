package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// announcement tells whoever started the process where it listens.
type announcement struct {
	PID    int    `json:"pid"`
	Listen string `json:"listen"` // host:port
	Admin  string `json:"admin"`  // host:port
}

// announce writes the announcement in one step, by renaming, so that a reader sees all of it or
// nothing.
func announce(path string, a announcement) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".announce-*")
	if err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	_, err = file.Write(append(body, '\n'))
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		os.Remove(file.Name())
		return fmt.Errorf("announce: %w", err)
	}
	return nil
}
