// Package ci makes a run at home in a CI system.
//
// In go a [reports.Report] and the environment that the command finds itself in; out come what that
// system shows: a job summary, annotations at the budget's line, outputs for later steps, a metrics
// report. The files under ci/github, ci/gitlab, ci/container and ci/kubernetes are shipped for
// others to use.
package ci

// System is a CI system.
type System string

// The systems that brrtload knows. Any other can read the run directory's junit.xml and the exit
// status, as Jenkins does.
const (
	None    System = ""
	GitHub  System = "GitHub"
	GitLab  System = "GitLab"
	Jenkins System = "Jenkins"
)

// Environment is where a command finds itself. The zero value is no CI system.
type Environment struct {
	System System
	// Root is the directory of the checked-out repository: annotations name files relative to it.
	Root string
	// Summary and Output are the files that GitHub reads a step's summary and outputs from; empty
	// elsewhere.
	Summary, Output string
}

// Detect reads the environment from its variables, as os.Getenv gives them.
func Detect(env func(string) string) Environment {
	switch {
	case env("GITHUB_ACTIONS") == "true":
		return Environment{GitHub, env("GITHUB_WORKSPACE"), env("GITHUB_STEP_SUMMARY"), env("GITHUB_OUTPUT")}
	case env("GITLAB_CI") == "true":
		return Environment{System: GitLab, Root: env("CI_PROJECT_DIR")}
	case env("JENKINS_URL") != "":
		return Environment{System: Jenkins, Root: env("WORKSPACE")}
	default:
		return Environment{}
	}
}
