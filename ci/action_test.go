package ci

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/diag"
)

// action is what GitHub's documentation allows in a composite action; strict decoding refuses
// anything else.
type action struct {
	Name        string            `yaml:"name,required"`
	Description string            `yaml:"description,required"`
	Author      string            `yaml:"author"`
	Branding    map[string]string `yaml:"branding"`
	Inputs      map[string]struct {
		Description string `yaml:"description,required"`
		Required    bool   `yaml:"required"`
		Default     string `yaml:"default"`
	} `yaml:"inputs"`
	Outputs map[string]struct {
		Description string `yaml:"description,required"`
		Value       string `yaml:"value,required"`
	} `yaml:"outputs"`
	Runs struct {
		Using string `yaml:"using,required"`
		Steps []step `yaml:"steps,required"`
	} `yaml:"runs,required"`
}

type step struct {
	ID        string            `yaml:"id"`
	If        string            `yaml:"if"`
	Uses      string            `yaml:"uses"`
	With      map[string]string `yaml:"with"`
	Shell     string            `yaml:"shell"`
	Directory string            `yaml:"working-directory"`
	Env       map[string]string `yaml:"env"`
	Run       string            `yaml:"run"`
}

func decode(t *testing.T, path string, v any) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, diag.Decode(&diag.Source{Name: path, Text: text}, v))
}

func shippedAction(t *testing.T) action {
	t.Helper()
	var a action
	decode(t, "github/action.yml", &a)
	return a
}

func TestActionIsWellFormed(t *testing.T) {
	a := shippedAction(t)
	require.Equal(t, "composite", a.Runs.Using)
	for _, s := range a.Runs.Steps {
		require.NotContains(t, s.Run, "${{", "an expression in a script is an injection")
		require.Equal(t, s.Run != "", s.Shell == "bash", "a script of a composite action names its shell")
		require.NotEqual(t, s.Run == "", s.Uses == "", "a step either runs or uses")
	}
	for name, output := range a.Outputs {
		require.Equal(t, "${{ steps.run.outputs."+name+" }}", output.Value)
	}
}

// perform carries the action's step "run" out as GitHub's runner would, with a brrtload that writes
// down its arguments and ends with a status.
func perform(t *testing.T, inputs map[string]string, status string) (arguments []string, outputs string, err error) {
	t.Helper()
	dir := t.TempDir()
	told := filepath.Join(dir, "told")
	fake := filepath.Join(dir, "brrtload")
	require.NoError(t, os.WriteFile(fake, []byte("#!/bin/sh\nprintf '%s\\0' \"$@\" >'"+told+"'\nexit "+status+"\n"), 0o755))
	values := map[string]string{"${{ inputs.brrtload || format('{0}/brrtload-bin/brrtload', runner.temp) }}": fake}
	a := shippedAction(t)
	for name, input := range a.Inputs {
		value, given := inputs[name]
		if !given {
			value = input.Default
		}
		values["${{ inputs."+name+" }}"] = value
	}
	for _, s := range a.Runs.Steps {
		if s.ID != "run" {
			continue
		}
		script := filepath.Join(dir, "script")
		require.NoError(t, os.WriteFile(script, []byte(s.Run), 0o644))
		command := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", script)
		command.Dir = dir
		command.Env = append(os.Environ(), "GITHUB_OUTPUT="+filepath.Join(dir, "output"))
		for name, expression := range s.Env {
			value, known := values[expression]
			require.True(t, known, "%s: %s", name, expression)
			command.Env = append(command.Env, name+"="+value)
		}
		out, failed := command.CombinedOutput()
		require.Empty(t, string(out))
		text, readErr := os.ReadFile(filepath.Join(dir, "output"))
		require.NoError(t, readErr)
		recorded, readErr := os.ReadFile(told)
		require.NoError(t, readErr)
		require.NoFileExists(t, filepath.Join(dir, "pwned"))
		return strings.Split(strings.TrimSuffix(string(recorded), "\x00"), "\x00"), string(text), failed
	}
	t.Fatal("the action has no step with the id run")
	return nil, "", nil
}

func TestActionRunsTheScenario(t *testing.T) {
	arguments, outputs, err := perform(t, nil, "0")
	require.NoError(t, err)
	require.Equal(t, []string{"run", "--dir=brrtload-run", "--", "smoke"}, arguments)
	require.Equal(t, "exit-status=0\n", outputs)
}

func TestActionPassesTheExitStatusOn(t *testing.T) {
	_, outputs, err := perform(t, nil, "3")
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 3, exit.ExitCode())
	require.Equal(t, "exit-status=3\n", outputs)
}

func TestActionInputsStayArguments(t *testing.T) {
	const attack = `"; touch pwned; $(touch pwned) ` + "`touch pwned`" + ` ${IFS} * '`
	arguments, _, err := perform(t, map[string]string{
		"scenario": attack, "run-directory": attack, "arguments": "--set\n" + attack + "\n\n--quiet",
	}, "0")
	require.NoError(t, err)
	// A line loses the blanks at neither end, and no word of it is split off.
	require.Equal(t, []string{"run", "--dir=" + attack, "--set", attack, "--quiet", "--", attack}, arguments)
}
