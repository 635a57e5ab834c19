package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// What reading a file that a user names may take: a size and a time.
const (
	maxFile  = 64 << 20
	fileTime = 10 * time.Second
)

// files is the file system of the process: paths as a person types them, relative to the working
// directory or absolute. A file is read when it is opened: no further than it may be large, and
// from a pipe no longer than it may take.
type files struct{}

// Open implements fs.FS.
func (files) Open(name string) (fs.File, error) { return openPage(name) }

// openPage reads a file whole.
func openPage(name string) (*page, error) {
	text, info, err := readWhole(name)
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			return nil, err
		}
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return &page{bytes.NewReader(text), info}, nil
}

// readWhole reads a file. It opens without waiting: a named pipe may have no writer.
func readWhole(name string) ([]byte, fs.FileInfo, error) {
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
	case info.Mode().IsRegular() && info.Size() > maxFile:
		return nil, nil, errTooLarge
	case info.Mode()&fs.ModeDevice != 0:
		return nil, nil, errDevice
	}
	if !info.Mode().IsRegular() {
		if err := file.SetReadDeadline(time.Now().Add(fileTime)); err != nil {
			return nil, nil, errDevice
		}
	}
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, nil, unfit(fmt.Sprintf("a pipe whose writer did not end within %s", fileTime))
	case err != nil:
		return nil, nil, err
	case len(text) > maxFile:
		return nil, nil, errTooLarge
	case len(text) == 0 && info.Mode()&fs.ModeNamedPipe != 0:
		return nil, nil, unfit("a pipe without a writer, or an empty one")
	}
	return text, info, nil
}

// unfit says why a file is not read, whatever is in it.
type unfit string

func (u unfit) Error() string { return string(u) }

var (
	errTooLarge = unfit(fmt.Sprintf("larger than %d bytes", maxFile))
	errDevice   = unfit("a device; want a regular file")
)
