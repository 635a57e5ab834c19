// Package files reads what a user names: whole, bounded in size, and from a pipe in time.
package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"brrtload/internal/diag"
)

// What reading a file that a user names may take: bytes and time.
const (
	maxSize = 64 << 20
	maxTime = 10 * time.Second
)

// OS is the file system of the process: paths as a person types them, relative to the working
// directory or absolute. A file is read when it is opened, within the bounds of this package. The
// zero value is ready, and safe for concurrent use.
type OS struct{}

// Open implements fs.FS. The error is an [fs.PathError].
func (OS) Open(name string) (fs.File, error) {
	text, info, err := read(name)
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			return nil, err
		}
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return NewPage(text, info), nil
}

// Page is a file that has been read whole.
type Page struct {
	*bytes.Reader
	info fs.FileInfo
}

// NewPage returns an open file with that text.
func NewPage(text []byte, info fs.FileInfo) *Page { return &Page{bytes.NewReader(text), info} }

// Stat implements fs.File.
func (p *Page) Stat() (fs.FileInfo, error) { return p.info, nil }

// Close implements fs.File.
func (p *Page) Close() error { return nil }

// read reads a file. It opens without waiting: a named pipe may have no writer.
func read(name string) ([]byte, fs.FileInfo, error) {
	file, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, nil, err
	case info.IsDir():
		return nil, nil, &fs.PathError{Op: "read", Path: name, Err: syscall.EISDIR}
	case info.Mode().IsRegular() && info.Size() > maxSize:
		return nil, nil, errTooLarge
	case info.Mode()&fs.ModeDevice != 0:
		return nil, nil, errDevice
	}
	if !info.Mode().IsRegular() {
		if err := file.SetReadDeadline(time.Now().Add(maxTime)); err != nil {
			return nil, nil, errDevice
		}
	}
	text, err := io.ReadAll(io.LimitReader(file, maxSize+1))
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, nil, unfit(fmt.Sprintf("a pipe whose writer did not end within %s", maxTime))
	case err != nil:
		return nil, nil, err
	case len(text) > maxSize:
		return nil, nil, errTooLarge
	case len(text) == 0 && info.Mode()&fs.ModeNamedPipe != 0:
		return nil, nil, unfit("a pipe without a writer, or an empty one")
	}
	return text, info, nil
}

// unfit is why a file is not read, whatever is in it.
type unfit string

func (u unfit) Error() string { return string(u) }

var (
	errTooLarge = unfit(fmt.Sprintf("larger than %d bytes", maxSize))
	errDevice   = unfit("a device; want a regular file")
)

// Unreadable reports whether an error is that of a file which could not be read, and not of what is
// wrong in it.
func Unreadable(err error) bool {
	var at *fs.PathError
	return !diag.Holds(err) && errors.As(err, &at)
}

// Reason returns what is wrong with a file, without its path.
func Reason(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}

// Create writes a file that is not there yet, and the directories above it.
func Create(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}
