package ci

import (
	"path/filepath"
	"strings"

	"brrtload/internal/diag"
)

// Job returns the path and the text of a job that runs a scenario in a CI system: github or gitlab,
// or nothing for an empty system. The error is a [diag.Mistake].
func Job(system, scenario string) (path, text string, err error) {
	name := strings.TrimSuffix(filepath.Base(scenario), filepath.Ext(scenario))
	switch system {
	case "":
		return "", "", nil
	case "github":
		return filepath.Join(".github", "workflows", "brrtload-"+name+".yml"),
			strings.ReplaceAll(githubJob, "SCENARIO", filepath.ToSlash(scenario)), nil
	case "gitlab":
		return "brrtload-" + name + ".gitlab-ci.yml", strings.ReplaceAll(gitlabJob, "SCENARIO", filepath.ToSlash(scenario)), nil
	}
	return "", "", diag.Mistakef("--ci %s: want github or gitlab", system)
}

const githubJob = `# Runs the scenario on each pull request. This needs brrtload's repository under brrtload/; see its docs/ci.md.
on: pull_request
permissions:
  contents: read
jobs:
  load:
    runs-on: ubuntu-latest
    timeout-minutes: 20
    steps:
      - uses: actions/checkout@v4
      # Start the service here, before it is loaded: - run: ./start-my-service.sh
      - uses: ./brrtload/ci/github
        with:
          scenario: SCENARIO
`

const gitlabJob = `# Include this file from .gitlab-ci.yml. It needs brrtload's ci/gitlab/brrtload.yml under brrtload/, and an image that has
# a shell, brrtload and the service; see docs/ci.md.
include:
  - local: brrtload/ci/gitlab/brrtload.yml
    inputs:
      job: load
      image: registry.example.com/team/brrtload:latest
      scenario: SCENARIO
`
