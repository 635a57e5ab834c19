package reports

import (
	"io"
)

// Format is a way to show a report.
type Format struct {
	Name  string // what a person asks for
	File  string // its file in the run directory
	Write func(io.Writer, Report) error
}
