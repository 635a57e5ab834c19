package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// add adds an experiment to the evidence: a line of JSON, and a member of the gzip file, by itself.
// A write that was cut short is found when the file is read.
func add(path string, e Experiment) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	var member bytes.Buffer
	z, err := gzip.NewWriterLevel(&member, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err = z.Write(append(line, '\n')); err == nil {
		err = z.Close()
	}
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(member.Bytes())
	return errors.Join(err, file.Close())
}

// read reads all evidence; a file that is not there has none.
func read(path string) ([]Experiment, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	var all []Experiment
	for d := json.NewDecoder(z); ; {
		var e Experiment
		if err := d.Decode(&e); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("read %s: experiment %d: %w", path, len(all)+1, err)
		}
		all = append(all, e)
	}
}
