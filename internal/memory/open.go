package memory

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds what a compressed file may have kept while it is read, in bytes.
const maxWindow = 128 << 20

// open opens a file, and decompresses it if its name ends in .zst or .gz.
func open(path string) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := decompressed(path, file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return reader{r, file}, nil
}

// reader reads a file through a decompressor, and closes the file.
type reader struct {
	io.Reader
	file io.Closer
}

func (r reader) Close() error {
	if d, is := r.Reader.(*zstd.Decoder); is {
		d.Close()
	}
	return r.file.Close()
}

func decompressed(name string, file io.Reader) (io.Reader, error) {
	switch filepath.Ext(name) {
	case ".zst":
		return zstd.NewReader(file, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	case ".gz":
		r, err := gzip.NewReader(file)
		if err != nil {
			return nil, fmt.Errorf("%s: byte 0: not in gzip's format: %w; the file is damaged: record it again", name, err)
		}
		return r, nil
	}
	return file, nil
}
