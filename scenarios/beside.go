package scenarios

import (
	"errors"
	"io/fs"
	"path"
)

// reason returns what is wrong with a file, without the path, which the diagnostic shows.
func reason(err error) error {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

// beside opens files by names relative to a directory of another file system. Unlike fs.Sub it
// takes any directory that the other one takes: a scenario may be loaded by an absolute path, or
// from above the working directory.
type beside struct {
	fs.FS
	dir string
}

// Open implements fs.FS.
func (b beside) Open(name string) (fs.File, error) {
	if path.IsAbs(name) {
		return b.FS.Open(name)
	}
	return b.FS.Open(path.Join(b.dir, name))
}
