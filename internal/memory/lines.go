package memory

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// source is a text file that is read line by line, as far as it has been read.
type source struct {
	name string
	line int // the one that was read last, from 1
}

// wrong returns an error at the line that was read last.
func (s *source) wrong(format string, about ...any) error {
	return fmt.Errorf("%s:%d: %s", s.name, s.line, fmt.Sprintf(format, about...))
}

// each calls take with every line, without its line feed; take must not keep it. cut is true where
// the last line has no end.
func (s *source) each(r io.Reader, take func(line []byte) error) (cut bool, err error) {
	lines := bufio.NewReaderSize(r, maxLine)
	for {
		text, err := lines.ReadSlice('\n')
		s.line++
		switch {
		case errors.Is(err, io.EOF) && len(text) == 0:
			return false, nil
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return true, nil
		case errors.Is(err, bufio.ErrBufferFull):
			return false, s.wrong("a line of more than %d bytes", maxLine)
		case err != nil:
			return false, fmt.Errorf("%s:%d: %w; the file is damaged: record it again", s.name, s.line, err)
		}
		if err := take(bytes.TrimSuffix(text, []byte("\n"))); err != nil {
			return false, err
		}
	}
}

// oneFile is a file as it was read, and whether it is cut off.
type oneFile[F any] struct {
	file F
	cut  bool
}

// readEach reads the files, each with the names that sites are to have.
func readEach[F any](paths []string, names []Name,
	read func(name string, r io.Reader, names ...Name) (F, bool, error)) ([]oneFile[F], error) {
	var all []oneFile[F]
	for _, path := range paths {
		r, err := open(path)
		if err != nil {
			return nil, err
		}
		f, cut, err := read(path, r, names...)
		if err := errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
		all = append(all, oneFile[F]{f, cut})
	}
	return all, nil
}
