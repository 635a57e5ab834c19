package files

import (
	"io/fs"
	"time"
)

// Single is a file system of one file, by its name and text.
type Single struct{ Title, Text string }

// Open implements fs.FS.
func (s Single) Open(name string) (fs.File, error) {
	if name != s.Title {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return NewPage([]byte(s.Text), described{s}), nil
}

// described is what the file system says of its file.
type described struct{ of Single }

func (d described) Name() string     { return d.of.Title }
func (d described) Size() int64      { return int64(len(d.of.Text)) }
func (described) Mode() fs.FileMode  { return 0o444 }
func (described) ModTime() time.Time { return time.Time{} }
func (described) IsDir() bool        { return false }
func (described) Sys() any           { return nil }
