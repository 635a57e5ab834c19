package load

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"brrtload/internal/diag"
)

// Recording is the file that every result of a run goes to. Without one its Recorder is nil.
type Recording struct {
	*Recorder
	file *os.File
}

// NewRecording creates the file of that name; an empty name is for none. It does not replace a file
// that is there. What clean replaces is not in it. The
// error is a [diag.Mistake].
func NewRecording(name string, clean *strings.Replacer) (*Recording, error) {
	if name == "" {
		return &Recording{}, nil
	}
	encoding, err := Encoding(name)
	if err != nil {
		return nil, diag.Mistakef("--record: %w", err)
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, diag.Mistakef("--record: %w", err)
	}
	return &Recording{NewRecorder(file, encoding, clean), file}, nil
}

// Close writes what is left. The error says what could not be written.
func (r *Recording) Close() error {
	if r.file == nil {
		return nil
	}
	err := errors.Join(r.Recorder.Close(), r.file.Close())
	r.file = nil
	if err != nil {
		return fmt.Errorf("record results: %w", err)
	}
	return nil
}
