package ci

import (
	"errors"
	"io"

	"brrtload/internal/diag"
	"brrtload/reports"
)

// Report shows the CI system what a run found. w is the job's log; dir is the run directory,
// whose reports are already written. GitHub gets annotations in the log, a job summary and the
// step's outputs. The others read files of the run directory (junit.xml, and metrics.txt in GitLab)
// and the exit status, so that nothing is left to do. What could not be reported does not keep
// the rest from being reported.
//
// Of a check that is written in a shipped file, asked gives the line of the user's own file that
// asks for it; other places it gives back.
func Report(w io.Writer, env Environment, r reports.Report, dir string, asked func(diag.Position) diag.Position) error {
	if env.System != GitHub {
		return nil
	}
	return errors.Join(annotate(w, env, r, asked), summarize(env, r), output(env, r, dir))
}
