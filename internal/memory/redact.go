package memory

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// commandLine is how a line begins that has the command, in a file of each tool that wraps one.
var commandLine = map[Tool][]byte{Heaptrack: []byte("X "), DHAT: []byte(`,"cmd":`), Massif: []byte("cmd: ")}

// headLines bounds how far down the command stands in a file: among the first lines, in all of them.
const headLines = 64

// Redact rewrites the files that a tool has left in a directory where the command that they name has
// a secret: clean replaces it. It is called once the processes have ended, before [Read]. A file that
// cannot be rewritten is removed, and the error says so.
func Redact(tool Tool, dir string, clean *strings.Replacer) error {
	begins, wraps := commandLine[tool]
	if !wraps {
		return nil
	}
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		if !entry.Type().IsRegular() {
			continue
		}
		path := filepath.Join(dir, entry.Name())
		if wrong := redactFile(path, begins, clean); wrong != nil {
			err = errors.Join(err, fmt.Errorf("take secrets out of %s: %w; it was removed", path, wrong), os.Remove(path))
		}
	}
	return err
}

func redactFile(path string, begins []byte, clean *strings.Replacer) error {
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	defer from.Close() //nolint:errcheck // it was only read
	lines := bufio.NewReaderSize(from, maxLine)
	var head bytes.Buffer
	changed := false
	for range headLines {
		line, err := lines.ReadBytes('\n')
		if bytes.HasPrefix(line, begins) {
			is := clean.Replace(string(line))
			changed = changed || is != string(line)
			line = []byte(is)
		}
		head.Write(line)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	part := path + ".part"
	if err := copied(part, io.MultiReader(&head, lines)); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return os.Rename(part, path)
}

func copied(path string, from io.Reader) error {
	to, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}
