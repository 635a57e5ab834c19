// Package kept has the run directories: one is claimed before a run, and read after it.
//
// In go the names of directories; out comes a [Run], which has the report that the run made, its
// suite and its evidence, and can be judged again.
package kept

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"brrtload/internal/diag"
	"brrtload/internal/evidence"
	"brrtload/internal/facts"
	"brrtload/internal/suite"
	"brrtload/reports"
)

// Run is a kept run.
type Run struct {
	Dir    string
	Report reports.Report // as the run, or the experiment, wrote it
}

// ErrCutOff marks the directory of a run that began and was never judged: nothing can be said of
// it.
var ErrCutOff = errors.New("cut off")

// Open reads the report of the run that is named by its directory, or by a file in it. The error is
// an [ErrCutOff], or a [diag.Mistake].
func Open(name string) (Run, error) {
	r := Run{Dir: name}
	if info, err := os.Stat(name); err == nil && !info.IsDir() { // another error shows when it is read
		r.Dir = filepath.Dir(name)
		if !IsRun(r.Dir) {
			return r, diag.Mistakef("%s is a file, and there is no %s beside it; want a run directory", name, reports.ResultFile)
		}
	}
	var err error
	if r.Report, err = reports.Read(r.Dir); err == nil {
		return r, nil
	}
	if !suite.IsKept(r.Dir) || !errors.Is(err, fs.ErrNotExist) {
		return r, diag.Mistake{Err: err}
	}
	return r, cutOff(r.Dir)
}

// IsRun reports whether a path is that of a run directory.
func IsRun(path string) bool {
	info, err := os.Stat(filepath.Join(path, reports.ResultFile))
	return err == nil && !info.IsDir()
}

// cutOff says what is left of a run that was never judged.
func cutOff(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return diag.Mistake{Err: err}
	}
	var left []string
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() {
			name += "/"
		}
		left = append(left, name)
	}
	return unjudged{fmt.Sprintf("%s is of a run that is still under way or was cut off, such as by SIGKILL, before it could be judged: "+
		"it has no %s, and nothing says what it would have come to; what is left is %s. Run the scenario again", dir, reports.ResultFile, strings.Join(left, ", "))}
}

// unjudged is an ErrCutOff that says what is left.
type unjudged struct{ left string }

func (u unjudged) Error() string        { return u.left }
func (u unjudged) Is(target error) bool { return target == ErrCutOff }

// Evidence opens the evidence of the run, for reading; the caller closes it. The error is a
// [diag.Mistake].
func (r Run) Evidence() (*evidence.Store, error) {
	store, err := evidence.Open(r.Dir)
	if err != nil {
		return nil, diag.Mistake{Err: err}
	}
	return store, nil
}

// Window returns the named window of the run's evidence, the whole run without a name. Of a run
// that lost its edges, the stretch that was scraped stands for the whole. The error is a
// [diag.Mistake].
func Window(store *evidence.Store, name string) (facts.Window, error) {
	names := []string{name}
	if name == "" {
		names = []string{facts.Run, facts.Scraped}
	}
	for _, name := range names {
		if w, ok := store.Window(name); ok {
			return w, nil
		}
	}
	var known []string
	for _, w := range store.Windows() {
		if !w.Start.IsZero() && !w.End.IsZero() {
			known = append(known, w.Name)
		}
	}
	if len(known) == 0 {
		return facts.Window{}, diag.Mistakef("the run has no window: nothing was measured")
	}
	return facts.Window{}, diag.Mistakef("the run has no window %q%s; there are %s",
		diag.Printable(name), diag.DidYouMean(name, known), diag.Printable(strings.Join(known, ", ")))
}
