package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"brrtload/internal/load"
)

// recording is the file that every result of a run goes to. Without one its recorder is nil.
type recording struct {
	recorder *load.Recorder
	file     *os.File
}

// newRecording creates the file of that name; an empty name is for none. It does not replace a file
// that is there. What clean replaces is not in it.
func newRecording(name string, clean *strings.Replacer) (*recording, error) {
	if name == "" {
		return &recording{}, nil
	}
	encoding, err := load.Encoding(name)
	if err != nil {
		return nil, usage(fmt.Errorf("--record: %w", err))
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, usage(fmt.Errorf("--record: %w", err))
	}
	return &recording{load.NewRecorder(file, encoding, clean), file}, nil
}

// close writes what is left. The error says what could not be written.
func (r *recording) close() error {
	if r.file == nil {
		return nil
	}
	err := errors.Join(r.recorder.Close(), r.file.Close())
	r.file = nil
	if err != nil {
		return fmt.Errorf("record results: %w", err)
	}
	return nil
}
