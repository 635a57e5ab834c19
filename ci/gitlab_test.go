package ci

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/diag"
)

// template is the header of a GitLab template, and job the job it makes; strict decoding refuses
// anything else.
type template struct {
	Spec struct {
		Inputs map[string]struct {
			Description string `yaml:"description"`
			Default     string `yaml:"default"`
		} `yaml:"inputs,required"`
	} `yaml:"spec,required"`
}

type job struct {
	Stage     string            `yaml:"stage"`
	Image     string            `yaml:"image"`
	Variables map[string]string `yaml:"variables"`
	Before    []string          `yaml:"before_script"`
	Needs     []string          `yaml:"needs"`
	Script    []string          `yaml:"script"`
	Artifacts struct {
		When    string            `yaml:"when"`
		Expire  string            `yaml:"expire_in"`
		Paths   []string          `yaml:"paths"`
		Reports map[string]string `yaml:"reports"`
	} `yaml:"artifacts"`
}

// fill reads the shipped template as GitLab does: it puts the inputs in and gives the jobs.
func fill(t *testing.T, inputs map[string]string) map[string]job {
	t.Helper()
	text, err := os.ReadFile("gitlab/brrtload.yml")
	require.NoError(t, err)
	header, body, found := strings.Cut(string(text), "\n---\n")
	require.True(t, found)
	var declared template
	require.NoError(t, diag.Decode(&diag.Source{Name: "header", Text: []byte(header)}, &declared))
	for name := range inputs {
		require.Contains(t, declared.Spec.Inputs, name)
	}
	body = regexp.MustCompile(`\$\[\[ inputs\.([a-z-]+) \]\]`).ReplaceAllStringFunc(body, func(reference string) string {
		name := strings.Fields(reference)[1][len("inputs."):]
		require.Contains(t, declared.Spec.Inputs, name)
		if value, given := inputs[name]; given {
			return value
		}
		return declared.Spec.Inputs[name].Default
	})
	require.NotContains(t, body, "$[[")
	var jobs map[string]job
	require.NoError(t, diag.Decode(&diag.Source{Name: "body", Text: []byte(body)}, &jobs))
	return jobs
}

func TestGitLabTemplateRunsTheScenario(t *testing.T) {
	jobs := fill(t, map[string]string{"job": "gate", "scenario": "my scenario.yaml", "run-directory": "out", "arguments": "--quiet --set=*"})
	require.Len(t, jobs, 1)
	gate := jobs["gate"]
	require.Equal(t, "always", gate.Artifacts.When, "a failed gate is the one whose report is wanted")
	require.Equal(t, map[string]string{"junit": "out/junit.xml", "metrics": "out/metrics.txt"}, gate.Artifacts.Reports)

	dir := t.TempDir()
	fake := "#!/bin/sh\nprintf '%s|' \"$@\" >told\nexit 3\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "brrtload"), []byte(fake), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "--set=x"), nil, 0o644)) // which a shell would take "--set=*" for
	command := exec.Command("sh", "-ec", strings.Join(gate.Script, "\n"))
	command.Dir = dir
	command.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH")}
	for name, value := range gate.Variables {
		command.Env = append(command.Env, name+"="+value)
	}
	var exit *exec.ExitError
	require.ErrorAs(t, command.Run(), &exit)
	require.Equal(t, 3, exit.ExitCode())
	told, err := os.ReadFile(filepath.Join(dir, "told"))
	require.NoError(t, err)
	require.Equal(t, "run|--dir=out|--quiet|--set=*|--|my scenario.yaml|", string(told))
}

// pipeline is what this repository's own .gitlab-ci.yml is made of.
type pipeline struct {
	Stages  []string `yaml:"stages"`
	Include []struct {
		Local  string            `yaml:"local,required"`
		Inputs map[string]string `yaml:"inputs"`
	} `yaml:"include"`
	Default struct {
		Interruptible bool `yaml:"interruptible"`
	} `yaml:"default"`
	Build job     `yaml:"build"`
	Test  job     `yaml:"test"`
	Long  nightly `yaml:"test-long"`
	Smoke job     `yaml:"smoke"`
	Soak  nightly `yaml:"soak"`
}

// nightly is a job of scheduled pipelines.
type nightly struct {
	Stage   string              `yaml:"stage"`
	Image   string              `yaml:"image"`
	Timeout string              `yaml:"timeout"`
	Rules   []map[string]string `yaml:"rules"`
	Needs   []string            `yaml:"needs"`
	Before  []string            `yaml:"before_script"`
	Script  []string            `yaml:"script"`
}

func TestThisRepositorysPipelineUsesTheTemplate(t *testing.T) {
	var p pipeline
	decode(t, "../.gitlab-ci.yml", &p)
	require.Len(t, p.Include, 2)
	for name, needs := range map[string][]string{"smoke": p.Smoke.Needs, "soak": p.Soak.Needs} {
		include := p.Include[slices.Index([]string{"smoke", "soak"}, name)]
		require.Equal(t, "ci/gitlab/brrtload.yml", include.Local)
		require.Contains(t, fill(t, include.Inputs), name, "the job that the pipeline adds to is the template's")
		require.Equal(t, []string{"build"}, needs)
	}
	require.Contains(t, p.Build.Artifacts.Paths, "bin")
	require.Equal(t, []string{".ci/run"}, p.Test.Script, "each push")
	require.Equal(t, []string{".ci/run test-long"}, p.Long.Script)
	for _, job := range []nightly{p.Long, p.Soak} {
		require.Equal(t, []map[string]string{{"if": `$CI_PIPELINE_SOURCE == "schedule"`}}, job.Rules)
	}
}
