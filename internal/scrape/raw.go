package scrape

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
)

var notInFileNames = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// Save writes the raw body, when there is one, to a file in dir named after the scrape and the
// endpoint. It must be called before the endpoint's next scrape.
func (r Reading) Save(dir, name string) error {
	if len(r.body) == 0 {
		return nil
	}
	extension := ".txt"
	switch media, err := mediaType(r.ContentType); {
	case err == nil && media == protobufType:
		extension = ".pb"
	case err == nil && media == openMetricsType:
		extension = ".om"
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("keep scrape %s: %w", name, err)
	}
	path := filepath.Join(dir, notInFileNames.ReplaceAllString(name+"-"+r.Endpoint, "_")+extension)
	if err := write(path, r.body); err != nil {
		return fmt.Errorf("keep scrape %s: %w", name, err)
	}
	return nil
}

// write writes a file that is not there yet, or is one of this run's own: not through a link.
func write(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|syscall.O_NOFOLLOW, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}
