package ci

import (
	"errors"
	"io"

	"brrtload/reports"
)

// Report tells the CI system what a run found. w is the job's log; dir is the run directory, whose reports are already written.
// GitHub gets annotations in the log, a job summary and the step's outputs. The others read files of the run directory (junit.xml, and
// metrics.txt in GitLab) and the exit status, so that nothing is left to do. What could not be told does not keep the rest from being told.
func Report(w io.Writer, env Environment, r reports.Report, dir string) error {
	if env.System != GitHub {
		return nil
	}
	return errors.Join(annotate(w, env, r), summarize(env, r), output(env, r, dir))
}
