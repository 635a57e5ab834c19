package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"brrtload/reports"
)

// standardOutput is standard output that remembers what could not be written: a list or a table
// that is cut short must not look whole.
type standardOutput struct {
	*os.File
	err error
}

func (o *standardOutput) Write(p []byte) (int, error) {
	n, err := o.File.Write(p)
	if err != nil && o.err == nil {
		o.err = err
	}
	return n, err
}

// WriteString keeps that of the file from being used.
func (o *standardOutput) WriteString(s string) (int, error) { return o.Write([]byte(s)) }

// status returns the exit status of a command that ended with one: another where it passed and its
// output was lost. A reader that has seen enough, such as head(1), loses nothing.
func (o *standardOutput) status(ended int, stderr io.Writer) int {
	if ended != reports.StatusPass || o.err == nil || errors.Is(o.err, syscall.EPIPE) {
		return ended
	}
	fmt.Fprintf(stderr, "brrtload: %v\n", o.err)
	return reports.StatusInternal
}
