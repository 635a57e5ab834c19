package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"brrtload/reports"
)

// runDirectoryOf returns the directory of a run that is named by it, or by a file in it.
func runDirectoryOf(name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil || info.IsDir() {
		return name, nil // what is wrong is said when it is read
	}
	dir := filepath.Dir(name)
	if _, err := os.Stat(filepath.Join(dir, reports.ResultFile)); err != nil {
		return "", usage(fmt.Errorf("%s is a file, and there is no %s beside it; want a run directory", name,
			reports.ResultFile))
	}
	return dir, nil
}

// readRun reads the report of a run directory. One that a run began and never ended is no mistake
// of the user's: its evidence cannot tell.
func readRun(dir string) (reports.Report, error) {
	report, err := reports.Read(dir)
	if err == nil {
		return report, nil
	}
	if _, begun := os.Stat(filepath.Join(dir, keptName)); begun != nil || !errors.Is(err, fs.ErrNotExist) {
		return report, usage(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return report, usage(err)
	}
	var left []string
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() {
			name += "/"
		}
		left = append(left, name)
	}
	return report, failure{reports.StatusInconclusive, fmt.Errorf("%s is of a run that is still under way or was cut off, such as by SIGKILL, before it could be judged: "+
		"it has no %s, and nothing says what it would have come to; what is left is %s. Run the scenario again", dir, reports.ResultFile, strings.Join(left, ", "))}
}
